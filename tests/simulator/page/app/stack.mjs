// The pages that are open, the last one in front, and what WeChat calls of them.

import { darken } from './wxss.mjs'

const PAGES_OPEN_MAX = 10

/** `a/b?c=d` as path and query; WeChat does not decode the values. */
export function splitUrl(url) {
  const [at, rest = ''] = url.replace(/^\//, '').split(/\?(.*)/s)
  const pairs = rest.split('&').filter(Boolean)
  return [at, Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)))]
}

class OpenPage {
  constructor(stack, route, query) {
    Object.assign(this, { stack, route, query })
    const { associated, space } = stack.parts
    this.root = associated.createRoot('wx-page', space, route)
    this.caller = this.root.get()
    Object.assign(this.caller, { route, options: query })
    this.place = document.createElement('div')
    const placeholder = document.createElement('div')
    this.place.append(placeholder)
    document.body.append(this.place)
    this.root.attach(this.place, placeholder)
  }

  run(name, ...given) {
    const { failed } = this.stack.parts
    if (typeof this.caller[name] !== 'function') return
    try {
      Promise.resolve(this.caller[name](...given)).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  closes() {
    this.run('onUnload')
    this.root.release()
    this.place.remove()
  }
}

export class Stack {
  pages = []
  launch = { path: '', query: {}, scene: 1001 }
  enter = this.launch
  /** The button that opened the customer-service session: a card tapped there comes back to it. */
  session = null

  constructor(parts) {
    this.parts = parts
    window.addEventListener('scroll', () => this.#reaches(), { passive: true })
  }

  get top() {
    return this.pages.at(-1)
  }

  address() {
    const query = Object.entries(this.top?.query ?? {}).map((pair) => pair.join('='))
    return (this.top?.route ?? '') + (query.length ? `?${query.join('&')}` : '')
  }

  /** Cold: the app starts, with a page of its own or with the one that is asked for. */
  opens({ page = '', scene = 1001 } = {}) {
    const { program } = this.parts
    const [path, query] = splitUrl(page || program.config.pages[0])
    this.launch = this.enter = { path, query, scene, referrerInfo: {} }
    this.#app('onLaunch', this.launch)
    this.#app('onShow', this.enter)
    this.relaunch(page || program.config.pages[0])
  }

  /** Warm: as it was, or at the page that was asked for. */
  comesToFront({ page, scene = 1001 } = {}) {
    const [path, query] = splitUrl(page ?? this.address())
    this.enter = { path, query, scene, referrerInfo: {} }
    this.#app('onShow', this.enter)
    if (page) this.relaunch(page)
    else this.top?.run('onShow')
  }

  goesToBackground() {
    this.top?.run('onHide')
    this.#app('onHide')
  }

  #app(name, given) {
    const { program, failed } = this.parts
    try {
      Promise.resolve(program.app?.[name]?.(given)).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  push(url) {
    if (this.pages.length >= PAGES_OPEN_MAX) throw new Error('webview count limit exceed')
    this.top?.run('onHide')
    this.#open(url)
  }

  replace(url) {
    this.pages.pop()?.closes()
    this.#open(url)
  }

  relaunch(url) {
    while (this.pages.length) this.pages.pop().closes()
    this.#open(url)
  }

  back(delta = 1) {
    for (let n = 0; n < delta && this.pages.length > 1; n++) this.pages.pop().closes()
    this.#shows()
    this.top.run('onShow')
  }

  #open(url) {
    const [route, query] = splitUrl(url)
    const { program } = this.parts
    if (!program.config.pages.includes(route)) throw new Error(`page "${route}" is not found`)
    const page = new OpenPage(this, route, query)
    this.pages.push(page)
    this.#shows()
    page.run('onLoad', { ...query })
    page.run('onShow')
    page.run('onReady')
  }

  #shows() {
    for (const page of this.pages) page.place.hidden = page !== this.top
    this.session = null
    this.watchTheme()
    window.scrollTo(0, 0)
  }

  /** Styles of the page in front only, and the window around it. */
  watchTheme() {
    const { phone, program } = this.parts
    const isDark = phone.isDark() && program.config.darkmode === true
    const sheets = [
      program.sheets.app,
      ...[...program.parts].filter(([path]) => this.#uses(path)).map(([, part]) => part.sheet),
    ]
    for (const sheet of sheets) darken(sheet, isDark)
    document.adoptedStyleSheets = sheets
    document.documentElement.classList.toggle('dark', isDark)
    if (!this.top) return
    const own = program.windowOf(this.top.route, isDark)
    const title = this.top.title ?? own.navigationBarTitleText ?? ''
    document.title = title || '小程序'
    phone.shows({
      title,
      depth: this.pages.length,
      background: own.navigationBarBackgroundColor ?? '#ffffff',
      ink: own.navigationBarTextStyle === 'white' ? '#ffffff' : '#111111',
      canPullDown: own.enablePullDownRefresh === true,
    })
  }

  #uses(path) {
    const { program } = this.parts
    return path === this.top?.route || !program.config.pages.includes(path)
  }

  titled(title) {
    if (this.top) this.top.title = title
    this.watchTheme()
  }

  /** A card of the customer-service session was tapped. */
  cardTapped(path, query) {
    if (!this.session?.isConnected) return
    this.session.dispatchEvent(Object.assign(new CustomEvent('contact'), { path, query }))
  }

  #reaches() {
    const { scrollHeight, clientHeight } = document.documentElement
    if (this.top && scrollHeight - window.scrollY - clientHeight < 50) this.top.run('onReachBottom')
  }
}
