// The phone as the mini program in its frame sees it: storage, network, sheets, and the user's hands.

import { button, fill, h } from '../dom.mjs'
import { stored } from '../state.mjs'
import { languageNow, say } from '../words.mjs'
import { world } from '../world.mjs'
import { accountCard, article } from './account.mjs'

class Storage {
  constructor(user) {
    this.user = user
  }

  #own() {
    return stored.get()[this.user] ?? {}
  }

  has(key) {
    return key in this.#own()
  }

  get(key) {
    return this.#own()[key]
  }

  set(key, value) {
    stored.update((all) => ((all[this.user] ??= {})[key] = value))
  }

  delete(key) {
    stored.update((all) => delete all[this.user]?.[key])
  }

  clear() {
    stored.update((all) => delete all[this.user])
  }
}

export class Host {
  isOffline = false
  #frame = null
  #program = null
  #wanted = null
  #window = { title: '', depth: 1, background: '', ink: '' }
  #themed = []
  #problems = []

  constructor(phone) {
    this.phone = phone
    window.addEventListener('theme', () => {
      for (const listener of this.#themed) listener({ theme: this.#isDark() ? 'dark' : 'light' })
    })
    world.get('/sim/accounts').then(({ body }) => (this.appid = body?.mini_program?.appid))
  }

  #isDark() {
    return document.documentElement.dataset.theme === 'dark'
  }

  // ---- from the phone ----

  opens(options) {
    if (this.#program) return this.#program.shown(options)
    this.#wanted = options
    if (!this.#frame) this.#starts()
  }

  /** Ended and begun anew, as when it was swiped away before. */
  restarts(options) {
    this.ends()
    this.phone.opensApp(options)
  }

  #starts() {
    window.phone = this.#face()
    this.#problems = []
    this.#frame = h('iframe', { src: '/phone', title: say('mini_program') })
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true })
    fill(this.phone.frames, this.#frame, this.problem)
  }

  ends() {
    this.#frame?.remove()
    this.#frame = this.#program = this.#wanted = null
    this.#themed = []
    this.#window = { title: '', depth: 1, background: '', ink: '' }
  }

  leaves() {
    this.#program?.hidden()
  }

  returns() {
    this.#program?.shown({})
  }

  card(pagepath) {
    this.#program?.shown({})
    const [path, rest = ''] = pagepath.split(/\?(.*)/s)
    const query = Object.fromEntries(
      rest
        .split('&')
        .filter(Boolean)
        .map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
    )
    this.#program?.card(path, query)
  }

  /** Whether the mini program had a page to go back to. */
  back() {
    if (!this.#program || this.#program.depth() < 2) return false
    this.#program.back()
    return true
  }

  address() {
    return this.#program?.at() ?? ''
  }

  screen() {
    const { title, background, ink, canPullDown, depth } = this.#window
    const capsule = h(
      'span',
      { class: 'capsule' },
      button('•••', () => this.#menu(canPullDown), { 'aria-label': say('menu'), 'data-key': 'menu' }),
      button('◉', () => this.phone.goes('home'), { 'aria-label': say('close_mini_program'), 'data-key': 'close' }),
    )
    return {
      nav: {
        title,
        canBack: depth > 1,
        background,
        ink,
        more: capsule,
        lang: 'zh-CN',
        seen: [this.#window, languageNow()],
      },
    }
  }

  async #menu(canPullDown) {
    const items = {
      restart: () => this.restarts({ scene: 1089 }),
      restart_by_code: () => this.restarts({ scene: 1047 }),
      [this.isOffline ? 'go_online' : 'go_offline']: () => (this.isOffline = !this.isOffline),
      settings: () => this.phone.goes('settings'),
      ...(canPullDown ? { refresh: () => this.#program?.pullDown() } : {}),
    }
    const names = Object.keys(items)
    const n = await this.phone.sheets.menu(
      '',
      names.map((name) => say(name)),
    )
    items[names[n]]?.()
  }

  // ---- from the frame ----

  #face() {
    const { phone } = this
    const user = phone.user
    return {
      storage: new Storage(user),
      now: () => Math.round(world.time()),
      language: languageNow,
      isDark: () => this.#isDark(),
      isOffline: () => this.isOffline,
      appid: () => this.appid ?? '',
      hasServiceAccount: () => world.service_account,
      isReady: (program) => this.#isReady(user, program),
      shows: (shown) => this.#shows(shown),
      failed: (text) => this.#failed(text),
      requested: () => {},
      does: async (verb) => (await world.does(user, verb)).body,
      prompts: (templateIds) => phone.permissions.prompts(templateIds),
      settings: (withSubscriptions) => phone.permissions.told(withSubscriptions),
      opensSettings: async (withSubscriptions) => {
        phone.goes('settings')
        return phone.permissions.told(withSubscriptions)
      },
      entersSession: (sessionFrom) => {
        world.does(user, 'enter-session', { session_from: sessionFrom })
        phone.goes('session')
      },
      opensProfile: () => phone.goes('profile', { via: 'mini_program' }),
      opensArticle: (url) => phone.goes('article', { url }),
      longPressed: (src) => this.#longPressed(src),
      article: (page, url) => article(page, phone, url),
      accountCard: (page) => accountCard(page, phone),
      addsToCalendar: async ({ title }) => {
        const isAllowed = await phone.sheets.modal({
          title: say('add_to_calendar'),
          content: title,
          confirmText: say('allow'),
        })
        if (!isAllowed) throw { errMsg: 'addPhoneCalendar:fail auth deny' }
      },
      toasts: (toast) => phone.sheets.says(toast?.title, toast?.duration, toast?.icon),
      asks: async (asked) => {
        const confirm = await phone.sheets.modal(asked)
        return { confirm, cancel: !confirm }
      },
      chooses: ({ items, title }) => phone.sheets.menu(title, items),
      onTheme: (listener) => this.#themed.push(listener),
    }
  }

  #isReady(user, program) {
    if (user !== this.phone.user) return
    this.#program = program
    this.#themed.push(() => program.themed?.())
    if (this.#wanted) program.opens(this.#wanted)
    this.#wanted = null
  }

  #shows(shown) {
    this.#window = shown
    this.phone.shows()
  }

  #failed(text) {
    this.#problems.push(text)
    this.problem.hidden = false
    this.problem.textContent = say('program_failed', text.split('\n')[0])
    this.problem.title = text
  }

  async #longPressed(src) {
    const n = await this.phone.sheets.menu('', [say('read_code'), say('save_picture')])
    if (n === 0) await this.phone.scans(src)
  }
}
