// `wx`: what WeChat gives a mini program, as far as this one uses it, with WeChat's own strictness. Anything else that
// is called is an error.

import { createCloud } from './cloud.mjs'
import { carries, json } from './network.mjs'

const METHODS = new Set(['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'])
const PAGES_OPEN_MAX = 10
const TEMPLATES_PER_PROMPT_MAX = 5
/** Since which library; docs/wechat.md §12. */
const SINCE = {
  addPhoneCalendar: '2.15.0',
  getDeviceInfo: '2.20.1',
  openOfficialAccountArticle: '3.4.8',
  openOfficialAccountProfile: '3.7.10',
}

export function createWx(phone) {
  /**
   * Calls back, or answers with a promise when there is nothing to call back. What follows is in the tap that it began in
   * only if the call is one of those that `keepTap` (docs/wechat.md §9.4).
   */
  const answered = (options, work, { keepsTap = false } = {}) => {
    const inTap = keepsTap && phone.inTap
    const back = (call) => (value) => {
      phone.turn(inTap)
      return call(value)
    }
    const outcome = phone.during(work)
    if (!options?.success && !options?.fail && !options?.complete) {
      return outcome.then(
        back((value) => value),
        back((error) => Promise.reject(error)),
      )
    }
    const { success = () => {}, fail = () => {}, complete = () => {} } = options
    outcome.then(back(success), back(fail)).then(complete)
  }

  const wx = {
    request: (options) => {
      const inTap = phone.inTap
      void phone.during(() => request(phone, options, inTap))
    },
    cloud: createCloud(phone),

    login: (options) =>
      answered(options, async () => {
        if (phone.offline) throw { errMsg: 'login:fail network', errno: 600001 }
        phone.logins += 1
        return { ...(await phone.does('login')), errMsg: 'login:ok' }
      }),

    requestSubscribeMessage: (options) => {
      const inTap = phone.inTap
      return answered(options, () => prompt(phone, options.tmplIds, inTap))
    },
    getSetting: (options) =>
      answered(
        options,
        async () => ({
          authSetting: {},
          ...(options.withSubscriptions && { subscriptionsSetting: { mainSwitch: true, itemSettings: phone.always } }),
        }),
        { keepsTap: true },
      ),

    getLaunchOptionsSync: () => ({ ...phone.launch }),
    getDeviceInfo: () => ({ platform: phone.device }),

    // Callback style only, and in a tap.
    openOfficialAccountProfile: (options) => inTapOnly('openOfficialAccountProfile', options, options.username),
    openOfficialAccountArticle: (options) => inTapOnly('openOfficialAccountArticle', options, options.url),
    addPhoneCalendar: (options) => {
      const { success, fail, ...entry } = options
      for (const name of ['title', 'startTime']) if (!entry[name]) throw new Error(`addPhoneCalendar: no ${name}`)
      return inTapOnly('addPhoneCalendar', options, entry)
    },

    getStorageSync: (key) => (phone.storage.has(key) ? JSON.parse(phone.storage.get(key)) : ''),
    setStorageSync: (key, value) => void phone.storage.set(key, JSON.stringify(value)),
    removeStorageSync: (key) => void phone.storage.delete(key),

    navigateTo: (options) =>
      answered(options, async () => {
        if (phone.pages.length >= PAGES_OPEN_MAX) throw { errMsg: 'navigateTo:fail webview count limit exceed' }
        phone.page.run('onHide')
        await phone.openPage(options.url)
      }),
    redirectTo: (options) =>
      answered(options, async () => {
        phone.pages.pop().run('onUnload')
        await phone.openPage(options.url)
      }),
    reLaunch: (options) => answered(options, () => phone.relaunch(options.url)),
    navigateBack: (options) =>
      answered(options, async () => {
        if (phone.pages.length > 1) phone.pages.pop().run('onUnload')
        phone.page.run('onShow')
      }),

    showToast: (options) => {
      if (!options.title) throw new Error('showToast:fail parameter error: title')
      phone.toasts.push(options.title)
    },
    showModal: (options) =>
      answered(
        options,
        async () => {
          phone.modals.push(options.content)
          const confirm = phone.modalAnswers.shift() ?? true
          return { confirm, cancel: !confirm, errMsg: 'showModal:ok' }
        },
        { keepsTap: true },
      ),
    openSetting: (options) => answered(options, async () => void phone.settingsOpened++),
    setNavigationBarTitle: (options) => void (phone.page.title = options.title),
    stopPullDownRefresh: () => {},
  }
  function inTapOnly(name, { success = () => {}, fail = () => {} }, what) {
    const taken = phone.inTap && !phone.refuses.includes(name)
    phone.opened.push({ [name]: what, taken })
    void phone.during(async () => {
      phone.turn(false)
      if (taken) success({ errMsg: `${name}:ok` })
      else fail({ errMsg: `${name}:fail ${phone.inTap ? 'refused' : 'can only be invoked by user TAP gesture.'}` })
    })
  }

  return new Proxy(wx, {
    get(target, name) {
      if (!(name in target)) throw new Error(`wx.${String(name)} is not known here`)
      if (SINCE[name] && isOlder(phone.library, SINCE[name])) return undefined
      return target[name]
    },
  })
}

export function isOlder(library, since) {
  const [is, wanted] = [library, since].map((version) => version.split('.').map(Number))
  const differs = wanted.findIndex((part, n) => is[n] !== part)
  return differs >= 0 && is[differs] < wanted[differs]
}

/** Any HTTP status is a success; only no answer is a failure. */
async function request(phone, { url, method = 'GET', data, header = {}, ...given }, inTap) {
  const { origin, pathname, search } = new URL(url)
  // WeChat still counts what its callbacks do as in the tap that the request began in.
  const [success, fail] = [given.success, given.fail].map((back) => (value) => {
    phone.turn(inTap)
    back(value)
  })
  if (!METHODS.has(method)) return fail({ errMsg: `request:fail method ${method} is not supported` })
  if (!phone.domains.includes(origin)) return fail({ errMsg: 'request:fail url not in domain list', errno: 600002 })
  const call = { name: 'request', method, path: pathname + search, header, data, success, fail }
  await carries(phone, call, async () => {
    const body = method === 'GET' ? undefined : data
    const answer = await fetch(url, { method, headers: header, body })
    const text = await answer.text()
    return { data: json(text), statusCode: answer.status, header: Object.fromEntries(answer.headers) }
  })
}

async function prompt(phone, templateIds, inTap) {
  const failed = (errCode, why) => ({ errCode, errMsg: `requestSubscribeMessage:fail ${why}` })
  if (!inTap) throw failed(undefined, 'can only be invoked by user TAP gesture.')
  if (templateIds.length === 0) throw failed(10001, 'TmplIds can not be empty')
  if (templateIds.length > TEMPLATES_PER_PROMPT_MAX) throw failed(20003, 'Templates count out of max bounds')
  if (templateIds.every((id) => phone.always[id])) {
    // 总是保持以上选择，不再询问: no prompt, and every accept adds one message.
    phone.silentAnswers += 1
    const answer = Object.fromEntries(templateIds.map((id) => [id, phone.always[id]]))
    return phone.does('subscribe', { template_ids: templateIds, answer, silent: true })
  }
  const answer = phone.promptAnswers.shift() ?? 'accept'
  phone.prompts += 1
  if (typeof answer === 'number') throw failed(answer, 'no prompt was shown')
  return phone.does('subscribe', { template_ids: templateIds, answer })
}
