// `wx`: what WeChat gives a mini program, as far as one can be played with here. A call answers by promise when there is
// nothing to call back. What is not here is undefined, as on a phone whose library is too old for it.

const METHODS = new Set(['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'])
const TEMPLATES_PER_PROMPT_MAX = 5
const LIBRARY = '3.15.1'

export function createWx({ phone, stack, program, tap }) {
  const answered = (name, options, work, back = (call) => call) => {
    const outcome = Promise.resolve()
      .then(work)
      .then((found) => ({ errMsg: `${name}:ok`, ...found }))
      .catch((why) => {
        throw why?.errMsg ? why : { errMsg: `${name}:fail ${why?.message ?? why}` }
      })
    const { success, fail, complete } = options ?? {}
    if (!success && !fail && !complete)
      return outcome.then(
        back((found) => found),
        back((why) => Promise.reject(why)),
      )
    outcome.then(back(success ?? (() => {})), back(fail ?? (() => {}))).then(complete)
    return undefined
  }
  const call = (name, work) => (options) => answered(name, options, () => work(options ?? {}))
  /** As `call`, for what keeps the tap. */
  const keeping = (name, work) => (options) => answered(name, options, () => work(options ?? {}), tap.kept())
  const pages = navigation(stack, call)
  return {
    ...pages,
    ...storage(phone, call),
    ...dialogs(phone, call, keeping),
    ...device(phone, program),
    request: (options) => request(phone, tap.kept(), options),
    login: call('login', () => phone.does('login')),
    requestSubscribeMessage: (options) => {
      const inTap = tap.is
      return answered('requestSubscribeMessage', options, () => prompt(phone, options?.tmplIds ?? [], inTap))
    },
    getSetting: keeping('getSetting', ({ withSubscriptions }) => phone.settings(withSubscriptions)),
    openSetting: call('openSetting', ({ withSubscriptions }) => phone.opensSettings(withSubscriptions)),
    openCustomerServiceChat: call('openCustomerServiceChat', () => phone.entersSession('')),
    openOfficialAccountProfile: call('openOfficialAccountProfile', () => phone.opensProfile()),
    openOfficialAccountArticle: call('openOfficialAccountArticle', ({ url }) => phone.opensArticle(url)),
    addPhoneCalendar: call('addPhoneCalendar', (entry) => phone.addsToCalendar(entry)),
    previewImage: call('previewImage', ({ urls = [], current }) => phone.longPressed(current ?? urls[0])),
    getLaunchOptionsSync: () => ({ ...stack.launch }),
    getEnterOptionsSync: () => ({ ...stack.enter }),
    getAccountInfoSync: () => ({ miniProgram: { appId: phone.appid(), envVersion: 'develop', version: '' } }),
    setNavigationBarTitle: call('setNavigationBarTitle', ({ title }) => stack.titled(title)),
    setNavigationBarColor: call('setNavigationBarColor', () => ({})),
    stopPullDownRefresh: call('stopPullDownRefresh', () => ({})),
    onThemeChange: (listener) => phone.onTheme(listener),
    offThemeChange: () => {},
    nextTick: (work) => queueMicrotask(work),
    canIUse: () => true,
  }
}

function navigation(stack, call) {
  return {
    navigateTo: call('navigateTo', ({ url }) => stack.push(url)),
    redirectTo: call('redirectTo', ({ url }) => stack.replace(url)),
    reLaunch: call('reLaunch', ({ url }) => stack.relaunch(url)),
    switchTab: call('switchTab', ({ url }) => stack.relaunch(url)),
    navigateBack: call('navigateBack', ({ delta = 1 }) => stack.back(delta)),
    pageScrollTo: call('pageScrollTo', ({ scrollTop = 0 }) => window.scrollTo(0, scrollTop)),
  }
}

function storage({ storage }, call) {
  const get = (key) => (storage.has(key) ? JSON.parse(storage.get(key)) : '')
  const set = (key, value) => void storage.set(key, JSON.stringify(value))
  const remove = (key) => void storage.delete(key)
  return {
    getStorageSync: get,
    setStorageSync: set,
    removeStorageSync: remove,
    clearStorageSync: () => storage.clear(),
    getStorage: call('getStorage', ({ key }) => {
      if (!storage.has(key)) throw new Error('data not found')
      return { data: get(key) }
    }),
    setStorage: call('setStorage', ({ key, data }) => set(key, data)),
    removeStorage: call('removeStorage', ({ key }) => remove(key)),
    clearStorage: call('clearStorage', () => storage.clear()),
  }
}

function dialogs(phone, call, keeping) {
  return {
    showToast: call('showToast', ({ title, icon, duration }) => {
      if (!title) throw new Error('parameter error: title')
      phone.toasts({ title, icon, duration })
    }),
    hideToast: call('hideToast', () => phone.toasts(null)),
    showLoading: call('showLoading', ({ title }) => phone.toasts({ title, icon: 'loading', duration: 60_000 })),
    hideLoading: call('hideLoading', () => phone.toasts(null)),
    showModal: keeping('showModal', (asked) => phone.asks(asked)),
    showActionSheet: call('showActionSheet', async ({ itemList, alertText }) => {
      const tapIndex = await phone.chooses({ items: itemList, title: alertText })
      if (tapIndex < 0) throw new Error('cancel')
      return { tapIndex }
    }),
  }
}

function device(phone, program) {
  const base = () => ({
    SDKVersion: LIBRARY,
    language: phone.language() === 'zh' ? 'zh_CN' : 'en',
    version: '8.0.60',
    enableDebug: false,
    host: { env: 'WeChat' },
    fontSizeSetting: 16,
    ...(program.config.darkmode ? { theme: phone.isDark() ? 'dark' : 'light' } : {}),
  })
  const info = () => ({
    brand: 'simulated',
    model: 'phone',
    system: 'Android 15',
    platform: 'android',
    abi: 'arm64-v8a',
  })
  const shown = () => ({
    windowWidth: innerWidth,
    windowHeight: innerHeight,
    pixelRatio: devicePixelRatio,
    statusBarHeight: 44,
    safeArea: { top: 44, bottom: innerHeight },
  })
  return {
    getDeviceInfo: info,
    getAppBaseInfo: base,
    getWindowInfo: shown,
    getSystemInfoSync: () => ({ ...info(), ...base(), ...shown() }),
    getNetworkType: ({ success } = {}) => success?.({ networkType: phone.isOffline() ? 'none' : 'wifi' }),
  }
}

/** Any HTTP status is a success; only no answer is a failure. */
async function request(phone, back, { url, method = 'GET', data, header = {}, success, fail, complete }) {
  const failed = (errMsg, errno) => (back(fail)({ errMsg: `request:fail ${errMsg}`, errno }), complete?.())
  if (!METHODS.has(method)) return failed(`method ${method} is not supported`)
  if (!url.startsWith(`${location.origin}/sim/api`)) return failed('url not in domain list', 600002)
  if (phone.isOffline()) return failed('net::ERR_INTERNET_DISCONNECTED', 600003)
  const body =
    method === 'GET' || data === undefined ? undefined : typeof data === 'string' ? data : JSON.stringify(data)
  let answer
  try {
    answer = await fetch(url, { method, headers: header, body })
  } catch {
    return failed('timeout', 5)
  }
  const text = await answer.text()
  phone.requested({ method, path: url.slice(location.origin.length + 8), status: answer.status })
  back(success)({
    data: json(text),
    statusCode: answer.status,
    header: Object.fromEntries(answer.headers),
    errMsg: 'request:ok',
  })
  return complete?.()
}

function json(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function prompt(phone, templateIds, inTap) {
  const failed = (errCode, why) => ({ errCode, errMsg: `requestSubscribeMessage:fail ${why}` })
  if (!inTap) throw failed(undefined, 'can only be invoked by user TAP gesture.')
  if (templateIds.length === 0) throw failed(10001, 'TmplIds can not be empty')
  if (templateIds.length > TEMPLATES_PER_PROMPT_MAX) throw failed(20003, 'Templates count out of max bounds')
  const answer = await phone.prompts(templateIds)
  if (answer.errCode) throw failed(answer.errCode, answer.why)
  return answer
}
