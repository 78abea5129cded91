/**
 * What differs from owner to owner.
 */
module.exports = {
  /**
   * Where the Reminder API is, without a slash at the end. Its domain has to be in the request list of the mini
   * program's console (开发管理 › 服务器域名 › request 合法域名).
   */
  baseUrl: 'https://reminders.example.com',

  /**
   * Without a domain: the relay of the folder `cloud`, as `lib/cloud.js` takes it, such as
   * `{ env: 'prod-1', httpFunction: 'reminders', eventFunction: 'reminders-event' }` or
   * `{ env: 'prod-1', service: 'reminders' }`. Then `baseUrl` is not used.
   */
  relay: null,

  /** A name among `templates` of the settings. */
  template: 'expiry',

  /** Whose days are meant by "30 days before, at 09:00". China has one zone and no summer time. */
  timezone: 'Asia/Shanghai',
}
