const { newKey } = require('../../lib/reminders.js')
const { templateIds } = require('../../lib/subscriptions.js')
const { refusalText, failureText, fieldTexts, dayText, repeatText } = require('../../lib/words.js')
const { itemPage, itemOf } = require('../../lib/routes.js')
const config = require('../../config.js')

const app = getApp()

/** Days before the day of expiry that can be ticked. The API takes three at most, and says so. */
const DAYS = [90, 30, 7, 3, 1]
const TICKED_AT_FIRST = [30, 7, 1]
/** How often it can begin anew; '' never. */
const PERIODS = ['', 'P1M', 'P3M', 'P1Y']

Page({
  /** Of something saved that is changed. */
  id: '',
  revision: 0,
  /**
   * The item's own identity. As the key of the request it also makes sure that the item is there once, however often it
   * has to be sent; so it stays the same for as long as this page is open.
   */
  item: '',
  /** What to ask for, should the saved item need it. */
  templateIds: [],
  followed: false,

  data: {
    title: '',
    note: '',
    /** The day of expiry, as the picker gives it. */
    date: '',
    dateText: '',
    /** The time of day of every reminder. */
    time: '09:00',
    days: days(TICKED_AT_FIRST),
    /** Which of `periods`. */
    period: 0,
    periods: periods([]),
    /** By field: what is wrong. */
    errors: {},
    problem: '',
    saving: false,
  },

  async onLoad(query) {
    this.id = query.id || ''
    this.item = newKey()
    if (this.id) wx.setNavigationBarTitle({ title: '修改物品' })
    await Promise.all([this.loadTemplates(), this.id ? this.loadItem() : undefined])
  },

  /** Beforehand: once the user taps, there is no time to ask the server what a prompt would be about. */
  async loadTemplates() {
    try {
      const me = await app.me()
      this.followed = me.followed
      this.templateIds = templateIds(me, config.template)
    } catch (error) {
      this.setData({ problem: failureText(error) })
    }
  },

  async loadItem() {
    try {
      const saved = await app.reminders.get(this.id)
      this.item = itemOf(saved.page) || this.item
      this.revision = saved.revision
      const relative = saved.pushes.filter((push) => push.days_before !== undefined)
      const date = saved.expires_on || saved.expires_at.slice(0, 10)
      const every = saved.repeat ? saved.repeat.every : ''
      this.setData({
        title: saved.title,
        note: saved.note,
        date,
        dateText: dayText(date),
        time: relative.length ? relative[0].time : '09:00',
        days: days(relative.map((push) => push.days_before)),
        periods: periods([every]),
        period: values([every]).indexOf(every),
      })
    } catch (error) {
      this.setData({ problem: failureText(error) })
    }
  },

  onTitle(event) {
    this.setData({ title: event.detail.value, 'errors.title': '' })
  },

  onNote(event) {
    this.setData({ note: event.detail.value, 'errors.note': '' })
  },

  onDate(event) {
    const date = event.detail.value
    this.setData({ date, dateText: dayText(date), 'errors.expires_on': '' })
  },

  onDays(event) {
    this.setData({ days: days(event.detail.value.map(Number)), 'errors.pushes': '' })
  },

  onTime(event) {
    this.setData({ time: event.detail.value, 'errors.pushes': '' })
  },

  onPeriod(event) {
    this.setData({ period: Number(event.detail.value), 'errors.pushes': '', 'errors.repeat': '' })
  },

  onSave() {
    if (this.data.saving) return
    const errors = {}
    if (!this.data.title.trim()) errors.title = '请填写名称'
    if (!this.data.date) errors.expires_on = '请选择到期日'
    this.setData({ errors, problem: '' })
    if (errors.title || errors.expires_on) return
    // After a request that began in the tap WeChat still shows a prompt; after a relay's answer it does not, so there the
    // prompt comes first, if anything is to be asked at all.
    const asking = app.reminders.keepsTap || this.followed ? null : app.subscriptions.ask(this.templateIds)
    return this.save(asking)
  },

  async save(asking) {
    this.setData({ saving: true })
    try {
      if (asking) await asking
      const saved = await this.send(this.draft())
      await this.tell(await (asking || this.askFor(saved)))
      wx.redirectTo({ url: '/pages/item/item?id=' + saved.id })
    } catch (error) {
      if (error.code === 'revision_mismatch') await this.loadItem()
      this.setData({ errors: fieldTexts(error), problem: failureText(error) })
    } finally {
      this.setData({ saving: false })
    }
  },

  /** What was saved is safe; what is asked for now is what it lacks. */
  askFor(saved) {
    return app.subscriptions.ask(saved.coverage.ask.includes('subscribe') ? this.templateIds : [])
  },

  async send(draft) {
    if (this.id) return app.reminders.update(this.id, draft, { revision: this.revision })
    try {
      return await app.reminders.create(draft, { key: this.item })
    } catch (error) {
      if (error.code !== 'idempotency_key_reused') throw error
      // An earlier attempt did arrive, though we never heard of it, and the form was changed since.
      const saved = await app.reminders.find(draft.page)
      if (!saved) throw error
      return app.reminders.update(saved.id, draft, { revision: saved.revision })
    }
  },

  draft() {
    const { every } = this.data.periods[this.data.period]
    return {
      template: config.template,
      title: this.data.title.trim(),
      note: this.data.note.trim(),
      expires_on: this.data.date,
      timezone: config.timezone,
      repeat: every ? { every } : undefined,
      pushes: this.data.days
        .filter((one) => one.checked)
        .map((one) => ({ days_before: one.value, time: this.data.time })),
      page: itemPage(this.item),
    }
  },

  /** The item is saved; what became of the prompt? */
  async tell(asked) {
    if (asked.problem === 'switched_off') {
      const { confirm } = await wx.showModal({
        title: '消息提醒已关闭',
        content: '物品已保存。此小程序的消息通知目前是关闭的，提醒不会送达。',
        confirmText: '去开启',
        cancelText: '知道了',
      })
      if (confirm) wx.openSetting({ withSubscriptions: true })
      return
    }
    const refusal = refusalText(asked)
    if (refusal) wx.showToast({ title: '已保存，但' + refusal, icon: 'none' })
    else wx.showToast({ title: '已保存' })
  },
})

function days(ticked) {
  return DAYS.concat(ticked.filter((one) => !DAYS.includes(one))).map((value) => ({
    value,
    text: value === 0 ? '当天' : '提前 ' + value + ' 天',
    checked: ticked.includes(value),
  }))
}

/** With what an item has that was saved elsewhere. */
function values(others) {
  return PERIODS.concat(others.filter((one) => !PERIODS.includes(one)))
}

function periods(others) {
  return values(others).map((every) => ({ every, text: every ? repeatText(every) : '不重复' }))
}
