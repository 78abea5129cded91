const { cloud } = require('./lib/cloud.js')
const { createReminders } = require('./lib/reminders.js')
const { createSubscriptions } = require('./lib/subscriptions.js')
const config = require('./config.js')

const reminders = createReminders(config.relay ? { transport: cloud(config.relay) } : { baseUrl: config.baseUrl })

App({
  /** Logs in by itself, with the first call. */
  reminders,
  subscriptions: createSubscriptions(reminders),

  onShow() {
    // What the user answered to a prompt while there was no network.
    this.subscriptions.reportPending().catch(() => {})
  },

  /** Who the user is; read anew where it may have changed. */
  me() {
    // The scene of the cold start decides whether <official-account/> shows, also after a warm one.
    return this.reminders.me(wx.getLaunchOptionsSync().scene)
  },
})
