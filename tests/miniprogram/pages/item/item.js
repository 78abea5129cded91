const { addToCalendar, isInCalendar, uncoveredPushes } = require('../../lib/calendar.js')
const { hasContact } = require('../../lib/guide.js')
const { reasonWords } = require('../../lib/reasons.js')
const { templateIds } = require('../../lib/subscriptions.js')
const {
  coverageText,
  entryText,
  expiryText,
  failureText,
  momentText,
  pushReasonText,
  pushText,
  refusalText,
  repeatText,
} = require('../../lib/words.js')
const { itemPage, itemOf, openCard, readItemQuery } = require('../../lib/routes.js')
const config = require('../../config.js')

const app = getApp()

Page({
  id: '',
  /** The item, if that is all we know. */
  item: '',
  /** What to ask for when the user wants to subscribe once more. */
  templateIds: [],
  reminder: null,

  data: {
    /** What the message that was tapped is about: `done`, `snooze`, or nothing. */
    act: '',
    item: null,
    /** What would let more reminders arrive: the user may subscribe, or follow. */
    canSubscribe: false,
    canFollow: false,
    /** The next push that nothing covers, for the phone's calendar. */
    calendar: null,
    hasContact: hasContact(wx),
    problem: '',
  },

  /** From the list with `id`; from a message with `act` as well; from a customer-service card with `item`. */
  onLoad(query) {
    const { id, item, act } = readItemQuery(query)
    this.id = id
    this.item = item
    this.setData({ act })
  },

  async onShow() {
    await Promise.all([this.load(), this.loadTemplates()])
  },

  async load() {
    try {
      await app.addingCredit
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
    const { covered, pushes } = reminder.coverage
    const ask = helps(reminder)
    this.reminder = reminder
    app.missing = reminder.coverage.ask.includes('subscribe') ? pushes - covered : 0
    this.setData({
      item: {
        title: reminder.title,
        note: reminder.note,
        expires: expiryText(reminder),
        repeat: reminder.repeat ? repeatText(reminder.repeat.every) + '重复' : '',
        state: reminder.state,
        coverage: reminder.state === 'active' ? coverageText(reminder.coverage) : '',
        covered: covered === pushes,
        pushes: reminder.pushes.map((push) => ({
          n: push.n,
          at: momentText(push.fires_at),
          state: pushText(push),
          reason: pushReasonText(push),
        })),
        timeline: reminder.timeline.map((entry, n) => ({ n, at: momentText(entry.at), text: entryText(entry) })),
        sessionFrom: 'item:' + itemOf(reminder.page),
      },
      canSubscribe: ask.includes('subscribe'),
      canFollow: ask.includes('follow'),
      calendar: forCalendar(reminder),
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

  async onCalendar() {
    const push = this.reminder.pushes.find((one) => one.n === this.data.calendar.n)
    const added = await addToCalendar(this.reminder, push, wx)
    wx.showToast({ title: added ? '已加入手机日历' : '没有加入手机日历', icon: 'none' })
    this.setData({ calendar: forCalendar(this.reminder) })
  },

  onEdit() {
    app.addCredit()
    wx.navigateTo({ url: '/pages/edit/edit?id=' + this.id })
  },

  onDone() {
    return this.changes(() => app.reminders.done(this.id))
  },

  onReopen() {
    return this.changes(() => app.reminders.reopen(this.id))
  },

  /** The same time tomorrow; also of what expires before that, as long as it is not repeated. */
  onSnooze() {
    app.addCredit()
    const when = this.reminder.repeat ? { for: 'P1D' } : { for: 'P1D', after_expiry: true }
    return this.changes(() => app.reminders.snooze(this.id, when))
  },

  async changes(change) {
    try {
      await change()
      this.setData({ act: '' })
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

/** What would let more reminders arrive: those to come, by `ask`, or one that was not told and is tried again then. */
function helps(reminder) {
  const resting = reminder.state === 'active' ? reminder.pushes.filter(({ state }) => state === 'undeliverable') : []
  return reminder.coverage.ask.concat(...resting.map(({ reason }) => reasonWords(reason).remedies))
}

/** One entry a tap: the phone asks about each. */
function forCalendar(reminder) {
  if (!wx.addPhoneCalendar) return null
  const push = uncoveredPushes(reminder).find((one) => !isInCalendar(reminder, one, wx))
  return push ? { n: push.n, at: momentText(push.fires_at) } : null
}
