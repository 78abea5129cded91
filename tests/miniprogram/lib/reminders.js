/**
 * Client of the Reminder API for mini programs. Copy it as it is: it needs nothing but `wx`.
 *
 *     const { createReminders, newKey } = require('./lib/reminders.js')
 *     const reminders = createReminders({ baseUrl: 'https://reminders.example.com' })
 *     const saved = await reminders.create({ template: 'expiry', title: '护照', … }, { key })
 *
 * It logs in with `wx.login` when the first call needs it, once for all calls, and again when the API answers 401.
 * It repeats what did not arrive or was not answered, and repeats nothing that would then be there twice.
 * It is no store: what it answers is what the API said.
 */

/**
 * When a reminder is told: days, weeks or months before the day of expiry at a time of day, or at an instant.
 * @typedef {{ days_before: number, time: string } | { weeks_before: number, time: string } |
 *   { months_before: number, time: string } | { at: string }} PushTime
 */

/**
 * What the user wants to be reminded of.
 * @typedef {Object} Draft
 * @property {string} template a name among `templates` of `me()`
 * @property {string} title
 * @property {string} [note]
 * @property {string} expires_at RFC 3339 with offset, `2027-03-01T00:00:00+08:00`
 * @property {string} [timezone] an IANA name; the settings' by default
 * @property {PushTime[]} pushes one to three
 * @property {string} [page] opened by a tap on the message, `pages/item/item?item=42`
 */

/**
 * @typedef {Object} Push
 * @property {number} n
 * @property {string} fires_at
 * @property {string} state `scheduled` `sending` `retrying`, and final: `sent` `delivered` `unknown` `undeliverable`
 *   `skipped` `cancelled`
 * @property {string} [channel]
 * @property {string} [reason]
 * @property {number} [days_before]
 * @property {number} [weeks_before]
 * @property {number} [months_before]
 * @property {string} [time]
 * @property {string} [at]
 */

/**
 * @typedef {Object} Reminder
 * @property {string} id
 * @property {number} revision
 * @property {'active' | 'done' | 'expired'} state
 * @property {string} template
 * @property {string} title
 * @property {string} note
 * @property {string} expires_at
 * @property {string} timezone
 * @property {Push[]} pushes
 * @property {string} [page]
 * @property {string} created_at
 * @property {{ pushes: number, covered: number, confirmed: number, reported: number, uncertain: number,
 *   ask: ('subscribe' | 'follow')[] }} [coverage] how many of the pushes still to come can reach the user (the sum of
 *   how sure that is), and what to ask of them, best first
 * @property {{ at: string, push?: number, event: string, detail?: string }[]} [timeline]
 */

/**
 * @typedef {Object} Guide how to follow the service account
 * @property {('official_account' | 'qrcode' | 'contact' | 'article')[]} methods best first; none once followed
 * @property {{ session_from: string }} [contact]
 * @property {string} [article_url]
 */

/**
 * @typedef {Object} Me
 * @property {boolean} followed
 * @property {boolean} [blocked] true if they follow and refuse the service account's messages
 * @property {Object<string, number>} credits by template id
 * @property {{ name: string, ask: string[] }[]} templates and the template ids to ask for
 * @property {Guide} guide
 */

/**
 * Why a call failed. `code` is for programs: the API's own, or `offline` (no answer), `login_failed` (`wx.login` gave
 * no code), `unreadable` (an answer that is not the API's); of a relay (`cloud.js`) also `relay_not_answered`.
 * @typedef {Object} RemindersError
 * @property {'RemindersError'} name
 * @property {string} message for people, in English
 * @property {string} code
 * @property {number} status 0 without an answer
 * @property {{ field: string, message: string }[]} errors for bad input: every wrong field
 */

/** Waited before the first, the second … repetition. */
const RETRY_DELAYS_MS = [500, 2000]
/** A warm function answers in well under a second; a cold one in two or three. */
const TIMEOUT_MS = 15000
const SESSION_KEY = 'reminders.session'
const PAGES_LOOKED_THROUGH_MAX = 10

/**
 * @param {Object} options
 * @param {string} [options.baseUrl] where the API is, without a slash at the end
 * @param {Function} [options.transport] another way there, see `cloud.js`
 * @param {WechatMiniprogram.Wx} [options.wx] something in the place of the global `wx`
 * @param {number[]} [options.retryDelaysMs]
 * @param {number} [options.timeoutMs]
 */
function createReminders(options) {
  const platform = options.wx || wx
  const transport = options.transport || requestsTo(options.baseUrl)
  const retryDelaysMs = options.retryDelaysMs || RETRY_DELAYS_MS
  const timeout = options.timeoutMs || TIMEOUT_MS
  /** @type {Promise<string> | null} */
  let loggingIn = null

  /** One request; it always resolves, with status 0 if no answer came. */
  function request(method, path, body, header) {
    return new Promise((resolve) => {
      const call = {
        path,
        method,
        data: body === undefined ? undefined : JSON.stringify(body),
        header: Object.assign({ 'content-type': 'application/json' }, header),
        timeout,
        success: (answer) => resolve({ status: answer.statusCode, data: answer.data, header: answer.header || {} }),
        fail: (reason) => resolve({ status: 0, data: reason.errMsg, header: {} }),
      }
      transport(call, platform)
    })
  }

  function loginCode() {
    return new Promise((resolve, reject) => {
      platform.login({
        success: ({ code }) => (code ? resolve(code) : reject(failure('login_failed', 0, 'wx.login gave no code'))),
        fail: (reason) => reject(failure('login_failed', 0, reason.errMsg)),
      })
    })
  }

  /** Every attempt needs a code of its own: a code is good once, also when the answer was lost. */
  async function logIn() {
    for (let attempt = 0; ; attempt++) {
      const answer = await request('POST', '/login', { code: await loginCode() })
      if (answer.status === 200) {
        platform.setStorageSync(SESSION_KEY, answer.data.token)
        return answer.data.token
      }
      const another = mayPass(answer) || (answer.data && answer.data.code === 'code_rejected')
      if (!another || attempt >= retryDelaysMs.length) throw failureOf(answer)
      await wait(delayBefore(answer, retryDelaysMs[attempt]))
    }
  }

  /** The token; calls that need one at the same time share one login. */
  function session() {
    const token = platform.getStorageSync(SESSION_KEY)
    if (token) return Promise.resolve(token)
    if (!loggingIn) {
      const done = () => (loggingIn = null)
      loggingIn = logIn()
      loggingIn.then(done, done)
    }
    return loggingIn
  }

  /** The token was refused; unless another call has got a new one meanwhile. */
  function forgetSession(token) {
    if (platform.getStorageSync(SESSION_KEY) === token) platform.removeStorageSync(SESSION_KEY)
  }

  /**
   * A call as the user. `repeated` of the answer says whether an earlier attempt may have been done already.
   */
  async function send(method, path, body, header) {
    let refused = false
    for (let attempt = 0; ;) {
      const token = await session()
      const answer = await request(method, path, body, Object.assign({ Authorization: 'Bearer ' + token }, header))
      if (answer.status === 401 && !refused) {
        refused = true
        forgetSession(token)
      } else if (mayPass(answer) && attempt < retryDelaysMs.length) {
        await wait(delayBefore(answer, retryDelaysMs[attempt]))
        attempt++
      } else {
        return Object.assign(answer, { repeated: attempt > 0 })
      }
    }
  }

  async function call(method, path, body, header) {
    const answer = await send(method, path, body, header)
    if (answer.status < 200 || answer.status > 299) throw failureOf(answer)
    return answer.data
  }

  const reminder = (id) => '/reminders/' + encodeURIComponent(id)

  const client = {
    /**
     * @param {number} [scene] `wx.getLaunchOptionsSync().scene`: decides which ways to follow work
     * @returns {Promise<Me>}
     */
    me: (scene) => call('GET', scene === undefined ? '/me' : '/me?scene=' + scene),

    /**
     * A code that follows the service account and binds this user; for `<image show-menu-by-longpress>`.
     * @returns {Promise<{ image_url: string, expires_at: string }>}
     */
    qrcode: () => call('POST', '/me/qrcode'),

    /**
     * Forgets the user: everything is deleted.
     * @returns {Promise<void>}
     */
    async forget() {
      await call('DELETE', '/me')
      platform.removeStorageSync(SESSION_KEY)
    },

    /**
     * Reports what `wx.requestSubscribeMessage` gave. With one key, one prompt counts once, however often it is told.
     * @param {Object<string, string>} results
     * @param {{ key: string }} options
     * @returns {Promise<{ credits: Object<string, number> }>}
     */
    report: (results, { key }) => call('POST', '/subscriptions', { results }, { 'Idempotency-Key': key }),

    /**
     * Registers a reminder. Keep the key for as long as the user means the same thing, over failures and over closing
     * the page: then it is there once.
     * @param {Draft} draft
     * @param {{ key: string }} options see `newKey()`
     * @returns {Promise<Reminder>}
     */
    create: (draft, { key }) => call('POST', '/reminders', draft, { 'Idempotency-Key': key }),

    /**
     * Soonest expiry first.
     * @param {{ state?: 'active' | 'done' | 'expired', limit?: number, cursor?: string }} [page]
     * @returns {Promise<{ reminders: Reminder[], cursor: string | null }>}
     */
    list: (page) => call('GET', '/reminders' + query(page)),

    /** @returns {Promise<Reminder>} with its timeline */
    get: (id) => call('GET', reminder(id)),

    /**
     * The reminder whose message opens this page: a message knows the page that was registered, not the reminder's id.
     * @param {string} page as it was registered
     * @returns {Promise<Reminder | null>}
     */
    async find(page) {
      for (const state of /** @type {const} */ (['active', 'expired', 'done'])) {
        let cursor
        for (let n = 0; n < PAGES_LOOKED_THROUGH_MAX && cursor !== null; n++) {
          const found = await client.list({ state, limit: 100, cursor })
          const match = found.reminders.find((one) => one.page === page)
          if (match) return match
          cursor = found.cursor
        }
      }
      return null
    },

    /**
     * Replaces the whole content.
     * @param {string} id
     * @param {Draft} draft
     * @param {{ revision?: number }} [options] the revision the user saw; if it is not the newest any more: 412
     * @returns {Promise<Reminder>}
     */
    async update(id, draft, { revision } = {}) {
      const header = revision === undefined ? {} : { 'If-Match': '"' + revision + '"' }
      const answer = await send('PUT', reminder(id), draft, header)
      if (answer.status === 412 && answer.repeated) {
        // Perhaps it was our own first attempt that moved it on, and only its answer was lost.
        const now = await client.get(id)
        if (now.revision === revision + 1 && says(now, draft)) return now
      }
      if (answer.status !== 200) throw failureOf(answer)
      return answer.data
    },

    /** Handled: the rest is not sent. @returns {Promise<Reminder>} */
    done: (id) => call('POST', reminder(id) + '/done'),

    /** Deletes it; one that is not there any more is deleted. @returns {Promise<void>} */
    async remove(id) {
      const answer = await send('DELETE', reminder(id))
      if (answer.status !== 204 && answer.status !== 404) throw failureOf(answer)
    },
  }
  return client
}

/** `wx.request`, to a domain of one's own. */
function requestsTo(baseUrl) {
  return ({ path, method, data, header, timeout, success, fail }, platform) =>
    platform.request({ url: baseUrl + path, method, data, header, timeout, success, fail })
}

/** A key that nobody else makes. `Math.random` does: it is no secret, only unlike others. */
function newKey() {
  const part = () => Math.random().toString(36).slice(2, 12)
  return Date.now().toString(36) + part() + part()
}

/** No answer, overload, or an error of the server: it may pass. What a day allows is used up until tomorrow. */
function mayPass({ status, data }) {
  if (status === 429) return !(data && data.code === 'too_many_requests')
  return status === 0 || status >= 500
}

/** The server may say how long it takes. */
function delayBefore({ header }, delayMs) {
  const name = Object.keys(header).find((one) => one.toLowerCase() === 'retry-after')
  const seconds = name ? Number(header[name]) : 0
  return seconds > 0 && seconds <= 10 ? seconds * 1000 : delayMs
}

function wait(delayMs) {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

/** Whether a reminder has what a draft asked for. */
function says(reminder, draft) {
  return (
    ['template', 'title', 'page'].every((name) => reminder[name] === draft[name]) &&
    reminder.note === (draft.note || '') &&
    Date.parse(reminder.expires_at) === Date.parse(draft.expires_at) &&
    reminder.pushes.length === draft.pushes.length &&
    draft.pushes.every((push, n) =>
      Object.keys(push).every((name) => name === 'at' || reminder.pushes[n][name] === push[name]),
    )
  )
}

function query(values) {
  const pairs = Object.keys(values || {})
    .filter((name) => values[name] !== undefined && values[name] !== null)
    .map((name) => name + '=' + encodeURIComponent(values[name]))
  return pairs.length ? '?' + pairs.join('&') : ''
}

/** @returns {Error & RemindersError} */
function failure(code, status, message, errors) {
  // Not a class: transpiled to ES5, a subclass of Error forgets what it is.
  return Object.assign(new Error(message), {
    name: /** @type {const} */ ('RemindersError'),
    code,
    status,
    errors: errors || [],
  })
}

function failureOf({ status, data }) {
  if (status === 0) return failure('offline', 0, String(data))
  if (data && data.code) return failure(data.code, status, data.detail, data.errors)
  return failure('unreadable', status, 'the answer is not the Reminder API’s')
}

module.exports = { createReminders, newKey }
