const { refusalText, failureText, momentText, pushText, entryText, coverageText } = require('../../lib/words.js')
const { templateIds } = require('../../lib/subscriptions.js')
const { itemPage, itemOf, openCard } = require('../../lib/routes.js')
const config = require('../../config.js')

const app = getApp()

Page({
  id: '',
  /** The item, if that is all we know. */
  item: '',
  /** What to ask for when the user wants to subscribe once more. */
  templateIds: [],

  data: {
    item: null,
    /** What would let more reminders arrive: the user may subscribe, or follow. */
    canSubscribe: false,
    canFollow: false,
    problem: '',
  },

  /** From the list with `id`; from a message or a customer-service card with `item`. */
  onLoad(query) {
    this.id = query.id || ''
    // WeChat hands the query over as it stands in the address.
    this.item = decodeURIComponent(query.item || '')
  },

  async onShow() {
    await Promise.all([this.load(), this.loadTemplates()])
  },

  async load() {
    try {
      if (!this.id) {
        const found = await app.reminders.find(itemPage(this.item))
        if (!found) return this.setData({ item: null, problem: failureText({ code: 'not_found' }) })
        this.id = found.id
      }
      this.show(await app.reminders.get(this.id))
    } catch (error) {
      this.setData({ problem: failureText(error) })
    }
  },

  /** Beforehand, for a prompt has to come at once after the tap. */
  async loadTemplates() {
    try {
      this.templateIds = templateIds(await app.me(), config.template)
    } catch (error) {
      // Then there is no prompt to show.
    }
  },

  show(reminder) {
    const ask = reminder.coverage.ask
    this.setData({
      item: {
        title: reminder.title,
        note: reminder.note,
        expires: momentText(reminder.expires_at),
        state: reminder.state,
        coverage: reminder.state === 'active' ? coverageText(reminder.coverage) : '',
        covered: reminder.coverage.covered === reminder.coverage.pushes,
        pushes: reminder.pushes.map((push) => ({ n: push.n, at: momentText(push.fires_at), state: pushText(push) })),
        timeline: reminder.timeline.map((entry, n) => ({ n, at: momentText(entry.at), text: entryText(entry) })),
        sessionFrom: 'item:' + itemOf(reminder.page),
      },
      canSubscribe: ask.includes('subscribe'),
      canFollow: ask.includes('follow'),
      problem: '',
    })
  },

  onSubscribe() {
    const asking = app.subscriptions.ask(this.templateIds)
    return asking.then((asked) => {
      const refusal = refusalText(asked)
      if (asked.problem === 'switched_off') wx.openSetting({ withSubscriptions: true })
      else if (refusal) wx.showToast({ title: refusal, icon: 'none' })
      return this.load()
    })
  },

  onFollow() {
    wx.navigateTo({ url: '/pages/follow/follow' })
  },

  onEdit() {
    wx.navigateTo({ url: '/pages/edit/edit?id=' + this.id })
  },

  async onDone() {
    try {
      await app.reminders.done(this.id)
      await this.load()
    } catch (error) {
      this.setData({ problem: failureText(error) })
    }
  },

  async onDelete() {
    const { confirm } = await wx.showModal({ title: '删除这个物品？', content: '之后不会再提醒。' })
    if (!confirm) return
    try {
      await app.reminders.remove(this.id)
    } catch (error) {
      return this.setData({ problem: failureText(error) })
    }
    // Opened from a message, there is no page to go back to.
    if (getCurrentPages().length > 1) wx.navigateBack()
    else wx.reLaunch({ url: '/pages/list/list' })
  },

  onContact: openCard,
})
