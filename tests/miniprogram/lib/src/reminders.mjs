/**
 * Client of the Reminder API for mini programs. It needs nothing but the platform: `wx`, or `uni` or `Taro`.
 *
 *     const reminders = createReminders({ baseUrl: 'https://reminders.example.com' })
 *     const saved = await reminders.create({ template: 'expiry', title: '护照', … }, { key: newKey() })
 *
 * It logs in when the first call needs it, once for all calls, and again when the API answers 401. It repeats what did
 * not arrive or was not answered, and repeats nothing that would then be there twice. It is no store: what it answers is
 * what the API said. What everything is: `index.d.ts`.
 */

/** @import { Draft, Platform, PlatformFailure, Push, Reminder, Reminders, RemindersError, RemindersOptions, RequestCall, Transport, Where } from '../index.js' */

/**
 * What came of a request; status 0: no answer.
 * @typedef {{ status: number, data: any, header: Record<string, any> }} Answer
 */

/** Waited before the first, the second … repetition. */
const RETRY_DELAYS_MS = [500, 2000]
/** A warm function answers in well under a second; a cold one in two or three. */
const TIMEOUT_MS = 15000
const SESSION_KEY = 'reminders.session'
const PAGES_LOOKED_THROUGH_MAX = 10

/** @type {import('../index.js').createReminders} */
export function createReminders(options) {
  const platform = platformOf(options)
  const transport = options.transport || requestsTo(options.baseUrl || '')
  const retryDelaysMs = options.retryDelaysMs || RETRY_DELAYS_MS
  const timeout = options.timeoutMs || TIMEOUT_MS
  /** @type {Promise<string> | null} */
  let loggingIn = null

  /**
   * One request; it always resolves.
   * @param {NonNullable<RequestCall['method']>} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [header]
   * @returns {Promise<Answer>}
   */
  function request(method, path, body, header) {
    return new Promise((resolve) => {
      const call = {
        path,
        method,
        data: body === undefined ? undefined : JSON.stringify(body),
        header: Object.assign({ 'content-type': 'application/json' }, header),
        timeout,
        /** @param {{ statusCode: number, data: any, header?: Record<string, any> }} answer */
        success: (answer) => resolve({ status: answer.statusCode, data: answer.data, header: answer.header || {} }),
        /** @param {PlatformFailure} reason */
        fail: (reason) => resolve({ status: 0, data: reason.errMsg, header: {} }),
      }
      transport(call, platform)
    })
  }

  /** @returns {Promise<string>} */
  function loginCode() {
    return new Promise((resolve, reject) => {
      platform.login({
        success: ({ code }) => (code ? resolve(code) : reject(failure('login_failed', 0, 'the login gave no code'))),
        fail: (reason) => reject(failure('login_failed', 0, reason.errMsg)),
      })
    })
  }

  /**
   * Every attempt needs a code of its own: a code is good once, also when the answer was lost.
   * @returns {Promise<string>}
   */
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

  /**
   * The token; calls that need one at the same time share one login.
   * @returns {Promise<string>}
   */
  function session() {
    const token = platform.getStorageSync(SESSION_KEY)
    if (token) return Promise.resolve(token)
    if (!loggingIn) {
      const done = () => void (loggingIn = null)
      loggingIn = logIn()
      loggingIn.then(done, done)
    }
    return loggingIn
  }

  /**
   * The token was refused; unless another call has got a new one meanwhile.
   * @param {string} token
   */
  function forgetSession(token) {
    if (platform.getStorageSync(SESSION_KEY) === token) platform.removeStorageSync(SESSION_KEY)
  }

  /**
   * A call as the user. `repeated` of the answer says whether an earlier attempt may have been done already.
   * @param {NonNullable<RequestCall['method']>} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [header]
   * @returns {Promise<Answer & { repeated: boolean }>}
   */
  async function send(method, path, body, header) {
    let refused = false
    for (let attempt = 0; ; ) {
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

  /**
   * @param {NonNullable<RequestCall['method']>} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [header]
   * @returns {Promise<any>}
   */
  async function call(method, path, body, header) {
    const answer = await send(method, path, body, header)
    if (answer.status < 200 || answer.status > 299) throw failureOf(answer)
    return answer.data
  }

  /** @param {string} id */
  const reminder = (id) => '/reminders/' + encodeURIComponent(id)

  /** @type {Reminders} */
  const client = {
    platform,
    keepsTap: transport.keepsTap === true,

    me: (where) => call('GET', '/me' + query(where || whereOpened(platform))),
    // PATCH, where there is one.
    change: (preferences) => call('POST', '/me', preferences),
    qrcode: () => call('POST', '/me/qrcode'),

    async forget() {
      await call('DELETE', '/me')
      platform.removeStorageSync(SESSION_KEY)
    },

    report: (results, { key }) => call('POST', '/subscriptions', { results }, { 'Idempotency-Key': key }),
    create: (draft, { key }) => call('POST', '/reminders', draft, { 'Idempotency-Key': key }),
    list: (page) => call('GET', '/reminders' + query(page)),
    get: (id) => call('GET', reminder(id)),

    async find(page) {
      for (const state of /** @type {const} */ (['active', 'expired', 'done'])) {
        /** @type {string | null | undefined} */
        let cursor
        for (let n = 0; n < PAGES_LOOKED_THROUGH_MAX && cursor !== null; n++) {
          /** @type {{ reminders: Reminder[], cursor: string | null }} */
          const found = await client.list({ state, limit: 100, cursor })
          const match = found.reminders.find((one) => one.page === page)
          if (match) return match
          cursor = found.cursor
        }
      }
      return null
    },

    async update(id, draft, { revision } = {}) {
      /** @type {Record<string, string>} */
      const header = revision === undefined ? {} : { 'If-Match': '"' + revision + '"' }
      const answer = await send('PUT', reminder(id), draft, header)
      if (answer.status === 412 && answer.repeated && revision !== undefined) {
        // Perhaps it was our own first attempt that moved it on, and only its answer was lost.
        const now = await client.get(id)
        if (now.revision === revision + 1 && says(now, draft)) return now
      }
      if (answer.status !== 200) throw failureOf(answer)
      return answer.data
    },

    done: (id) => call('POST', reminder(id) + '/done'),
    reopen: (id) => call('POST', reminder(id) + '/reopen'),
    snooze: (id, when) => call('POST', reminder(id) + '/snooze', when),

    async remove(id) {
      const answer = await send('DELETE', reminder(id))
      if (answer.status !== 204 && answer.status !== 404) throw failureOf(answer)
    },
  }
  return client
}

/**
 * The global `wx`, unless something else is named. A page of uni-app or Taro names its own, which is on every platform.
 * @param {RemindersOptions} options
 * @returns {Platform}
 */
function platformOf(options) {
  if (options.platform) return options.platform
  // @ts-ignore: of WeChat's typings, which are not everywhere
  return wx
}

/**
 * `request` of the platform, to a domain of one's own.
 * @param {string} baseUrl
 * @returns {Transport}
 */
function requestsTo(baseUrl) {
  /** @type {Transport} */
  const transport = ({ path, method, data, header, timeout, success, fail }, platform) =>
    platform.request({ url: baseUrl + path, method, data, header, timeout, success, fail })
  // What follows its answer still counts as in the tap.
  transport.keepsTap = true
  return transport
}

/** @type {import('../index.js').whereOpened} */
export function whereOpened(platform) {
  /** @type {Where} */
  const where = {}
  // The scene of the cold start decides whether <official-account/> shows, also after a warm one.
  const scene = platform.getLaunchOptionsSync && Number(platform.getLaunchOptionsSync().scene)
  if (scene) where.scene = scene
  const device = platform.getDeviceInfo && platform.getDeviceInfo().platform
  if (device) where.platform = device
  return where
}

/**
 * `Math.random` does: it is no secret, only unlike others.
 * @type {import('../index.js').newKey}
 */
export function newKey() {
  const part = () => Math.random().toString(36).slice(2, 12)
  return Date.now().toString(36) + part() + part()
}

/**
 * No answer, overload, or an error of the server: it may pass. What a day allows is used up until tomorrow.
 * @param {Answer} answer
 */
function mayPass({ status, data }) {
  if (status === 429) return !(data && data.code === 'too_many_requests')
  return status === 0 || status >= 500
}

/**
 * The server may say how long it takes.
 * @param {Answer} answer
 * @param {number} delayMs
 */
function delayBefore({ header }, delayMs) {
  const name = Object.keys(header).find((one) => one.toLowerCase() === 'retry-after')
  const seconds = name ? Number(header[name]) : 0
  return seconds > 0 && seconds <= 10 ? seconds * 1000 : delayMs
}

/**
 * @param {number} delayMs
 * @returns {Promise<void>}
 */
function wait(delayMs) {
  return new Promise((resolve) => void setTimeout(resolve, delayMs))
}

/**
 * Whether a reminder has what a draft asked for.
 * @param {Reminder} reminder
 * @param {Draft} draft
 */
function says(reminder, draft) {
  const same = /** @type {const} */ (['template', 'title', 'page']).every((name) => reminder[name] === draft[name])
  const expiry =
    draft.expires_on !== undefined
      ? reminder.expires_on === draft.expires_on
      : reminder.expires_on === undefined && Date.parse(reminder.expires_at) === Date.parse(draft.expires_at)
  const every = reminder.repeat && reminder.repeat.every
  if (!same || !expiry || every !== (draft.repeat && draft.repeat.every)) return false
  const pushes = reminder.pushes.filter((push) => !push.snoozed)
  return (
    reminder.note === (draft.note || '') &&
    (!draft.pushes || (pushes.length === draft.pushes.length && draft.pushes.every((push, n) => isAt(pushes[n], push))))
  )
}

/**
 * @param {Push} push
 * @param {import('../index.js').PushTime} wanted
 */
function isAt(push, wanted) {
  if ('at' in wanted) return Date.parse(push.fires_at) === Date.parse(wanted.at)
  const lead = /** @type {const} */ (['days_before', 'weeks_before', 'months_before', 'time'])
  return lead.every((name) => push[name] === /** @type {Partial<Push>} */ (wanted)[name])
}

/** @param {object} [values] */
function query(values) {
  const pairs = Object.entries(values || {})
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => name + '=' + encodeURIComponent(value))
  return pairs.length ? '?' + pairs.join('&') : ''
}

/**
 * @param {string} code
 * @param {number} status
 * @param {string} message
 * @param {RemindersError['errors']} [errors]
 * @returns {RemindersError}
 */
function failure(code, status, message, errors) {
  // Not a class: transpiled to ES5, a subclass of Error forgets what it is.
  const name = /** @type {const} */ ('RemindersError')
  return Object.assign(new Error(message), { name, code, status, errors: errors || [] })
}

/** @param {Answer} answer */
function failureOf({ status, data }) {
  if (status === 0) return failure('offline', 0, String(data))
  if (data && data.code) return failure(data.code, status, data.detail, data.errors)
  return failure('unreadable', status, 'the answer is not the Reminder API’s')
}
