const { failureText, momentText } = require('../../lib/words.js')
const { openCard } = require('../../lib/routes.js')

const app = getApp()

const TABS = [
  { state: 'active', title: '进行中' },
  { state: 'done', title: '已处理' },
  { state: 'expired', title: '已到期' },
]

Page({
  data: {
    tabs: TABS,
    state: 'active',
    items: [],
    /** Where the next page of the list begins; null on the last. */
    cursor: null,
    loaded: false,
    /** Whether to offer following the service account. */
    canFollow: false,
    problem: '',
  },

  onShow() {
    return this.refresh()
  },

  async onPullDownRefresh() {
    await this.refresh()
    wx.stopPullDownRefresh()
  },

  onReachBottom() {
    if (this.data.cursor) return this.load(this.data.cursor)
  },

  async refresh() {
    await Promise.all([this.load(), this.loadMe()])
  },

  async load(cursor) {
    const state = this.data.state
    try {
      const page = await app.reminders.list({ state, cursor })
      if (state !== this.data.state) return // the user is on another tab by now
      const items = page.reminders.map((one) => ({
        id: one.id,
        title: one.title,
        expires: momentText(one.expires_at),
        next: nextPush(one),
      }))
      this.setData({
        items: cursor ? this.data.items.concat(items) : items,
        cursor: page.cursor,
        loaded: true,
        problem: '',
      })
    } catch (error) {
      this.setData({ problem: failureText(error) })
    }
  },

  async loadMe() {
    try {
      const me = await app.me()
      this.setData({ canFollow: me.guide.methods.length > 0 })
    } catch (error) {
      // The list says what is wrong.
    }
  },

  onTab(event) {
    this.setData({ state: event.currentTarget.dataset.state, items: [], cursor: null, loaded: false })
    return this.load()
  },

  onAdd() {
    wx.navigateTo({ url: '/pages/edit/edit' })
  },

  onOpen(event) {
    wx.navigateTo({ url: '/pages/item/item?id=' + event.currentTarget.dataset.id })
  },

  onFollow() {
    wx.navigateTo({ url: '/pages/follow/follow' })
  },

  onContact: openCard,
})

function nextPush(reminder) {
  const next = reminder.pushes.find((push) => push.state === 'scheduled')
  return next ? momentText(next.fires_at) : ''
}
