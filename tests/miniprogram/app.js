const { cloud } = require('./lib/cloud.js')
const { createReminders } = require('./lib/reminders.js')
const { createSubscriptions } = require('./lib/subscriptions.js')
const config = require('./config.js')

const reminders = createReminders(config.relay ? { transport: cloud(config.relay) } : { baseUrl: config.baseUrl })

App({
  /** Logs in by itself, with the first call. */
  reminders,
  subscriptions: createSubscriptions(reminders),

  /** What the user chose to always accept, and how many messages are to come for which there is no credit. */
  always: [],
  missing: 0,
  /** The credit that is being added; what shows coverage waits for it. */
  addingCredit: Promise.resolve(),

  onShow() {
    // What the user answered to a prompt while there was no network.
    this.subscriptions.reportPending().catch(() => {})
  },

  /** Who the user is; read anew where it may have changed. */
  async me() {
    const me = await this.reminders.me()
    const own = me.templates.find((template) => template.name === config.template)
    this.always = await this.subscriptions.always(own ? own.ask : [])
    return me
  },

  /**
   * In any tap of somebody who always accepts: shows nothing, and adds one credit, until every message to come has one.
   * Call it before anything is awaited.
   */
  addCredit() {
    if (!this.always.length || this.missing <= 0) return
    this.missing -= 1
    this.addingCredit = this.subscriptions.ask(this.always)
  },
})
