const { hasContact, waysToFollow } = require('../../lib/guide.js')
const { missingCredits } = require('../../lib/subscriptions.js')
const { expiryText, failureText, momentText } = require('../../lib/words.js')
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
    /** HarmonyOS has no contact button. */
    hasContact: hasContact(wx),
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
    await app.addingCredit
    const [page, me] = await Promise.all([this.load(), this.loadMe()])
    if (page && me && this.data.state === 'active') app.missing = missingCredits(me, page.reminders)
  },

  async load(cursor) {
    const state = this.data.state
    try {
      const page = await app.reminders.list({ state, cursor })
      if (state !== this.data.state) return // the user is on another tab by now
      const items = page.reminders.map((one) => ({
        id: one.id,
        title: one.title,
        expires: expiryText(one),
        next: nextPush(one),
      }))
      this.setData({
        items: cursor ? this.data.items.concat(items) : items,
        cursor: page.cursor,
        loaded: true,
        problem: '',
      })
      return page
    } catch (error) {
      this.setData({ problem: failureText(error) })
    }
  },

  async loadMe() {
    try {
      const me = await app.me()
      this.setData({ canFollow: waysToFollow(me, wx).length > 0 })
      return me
    } catch (error) {
      // The list says what is wrong.
    }
  },

  onTab(event) {
    app.addCredit()
    this.setData({ state: event.currentTarget.dataset.state, items: [], cursor: null, loaded: false })
    return this.load()
  },

  onAdd() {
    app.addCredit()
    wx.navigateTo({ url: '/pages/edit/edit' })
  },

  onOpen(event) {
    app.addCredit()
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
