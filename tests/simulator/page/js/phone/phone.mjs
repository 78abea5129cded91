// The phone of one user: WeChat's screens on it, and the mini program in a frame of its own.

import { button, draw, fill, h } from '../dom.mjs'
import { read, state } from '../state.mjs'
import { minute } from '../times.mjs'
import { languageNow, say } from '../words.mjs'
import { world } from '../world.mjs'
import { accountScreen, articleScreen } from './account.mjs'
import { chatScreen, homeScreen } from './chats.mjs'
import { Host } from './host.mjs'
import { preview } from './message.mjs'
import { Settings } from './settings.mjs'
import { Sheets } from './sheets.mjs'
import { welcome } from './welcome.mjs'

const BANNER_MS = 7000
/** Where messages arrive, and the screen that shows them. */
export const PLACES = { service_notifications: 'notices', service_account: 'account', mini_program_session: 'session' }

const SCREENS = {
  home: homeScreen,
  notices: (phone) => chatScreen(phone, 'service_notifications'),
  account: (phone) => chatScreen(phone, 'service_account'),
  session: (phone) => chatScreen(phone, 'mini_program_session'),
  profile: accountScreen,
  article: articleScreen,
  settings: (phone) => phone.permissions.screen(),
}

export class Phone {
  user = ''
  inbox = []
  /** The screens behind the one that shows, and what each is about. */
  trail = [{ name: 'home' }]
  #bannerTimer = 0

  constructor(section) {
    this.section = section
    this.status = h('div', { class: 'status', 'aria-hidden': 'true' })
    this.nav = h('div', { class: 'nav' })
    this.content = h('div', { class: 'content' })
    this.frames = h('div', { class: 'frames', hidden: true })
    this.banner = h('div', { class: 'banner', role: 'status', hidden: true })
    this.sheets = new Sheets()
    this.screen = h(
      'div',
      { class: 'screen' },
      this.status,
      this.nav,
      this.content,
      this.frames,
      this.banner,
      this.sheets.node,
    )
    this.device = h('div', { class: 'device' }, this.screen)
    this.head = h('h2', { class: 'seen-by-readers' })
    fill(section, this.head, this.device)
    this.permissions = new Settings(this)
    this.host = new Host(this)
    world.addEventListener('news', () => this.#news())
    state.addEventListener('change', () => this.#news())
    setInterval(() => this.#ticks(), 1000)
    this.#news()
  }

  get person() {
    return world.people.get(this.user)
  }

  get at() {
    return this.trail.at(-1)
  }

  goes(name, about = {}) {
    if (this.at.name === 'app' && name !== 'app') this.host.leaves()
    if (name === 'home') this.trail = [{ name: 'home' }]
    else if (this.at.name !== name || about.fresh) this.trail.push({ name, ...about })
    else Object.assign(this.at, about)
    this.shows()
  }

  back() {
    if (this.at.name === 'app' && this.host.back()) return
    if (this.at.name === 'app') this.host.leaves()
    if (this.trail.length > 1) this.trail.pop()
    if (this.at.name === 'app') this.host.returns()
    this.shows()
  }

  /** The mini program, cold or warm, at a page of its own or at the one that is asked for. */
  opensApp(options = {}) {
    this.trail = [{ name: 'home' }, { name: 'app' }]
    this.host.opens(options)
    this.shows()
  }

  /** A message was tapped. */
  tapsMessage({ body }) {
    if (body.miniprogram?.pagepath) return this.opensApp({ scene: 1043, page: body.miniprogram.pagepath })
    if (body.page) return this.opensApp({ scene: 1014, page: body.page })
    if (body.miniprogrampage) return this.#tapsCard(body.miniprogrampage.pagepath)
    if (body.link) return this.goes('article', { url: body.link.url })
    return undefined
  }

  #tapsCard(pagepath) {
    if (!this.trail.some((one) => one.name === 'app')) return this.opensApp({ scene: 1007, page: pagepath })
    this.trail = [{ name: 'home' }, { name: 'app' }]
    this.shows()
    return this.host.card(pagepath)
  }

  /** A code was read off a picture: who follows merely scans, others see the account's page first. */
  async scans(imageUrl) {
    const answer = await world.does(this.user, 'scan', { image_url: imageUrl })
    if (!answer.ok) return this.sheets.says(say('no_code'), undefined, 'none')
    if (answer.body.followed) return this.goes('account')
    return this.goes('profile', { imageUrl })
  }

  async #news() {
    const isAnother = state.user !== this.user
    if (isAnother) {
      this.user = state.user
      this.inbox = []
      this.trail = [{ name: 'home' }]
      this.sheets.closes()
      this.host.ends()
      this.banner.hidden = true
      this.arrived = undefined
    }
    const { person } = this
    if (person && person.messages !== this.arrived) await this.#fetches(isAnother)
    this.shows()
  }

  async #fetches(isAnother) {
    const { user, person } = this
    const before = isAnother ? undefined : this.inbox.length
    this.arrived = person.messages
    const answer = await world.get(`/sim/users/${encodeURIComponent(user)}/inbox`)
    if (!answer.ok || this.user !== user) return
    this.inbox = answer.body
    const latest = this.inbox.at(-1)
    if (before === undefined || this.inbox.length <= before) return
    if (PLACES[latest.in] !== this.at.name) this.#announces(latest)
  }

  #announces(item) {
    const { title, text } = preview(item)
    this.banner.hidden = false
    fill(
      this.banner,
      button(
        [
          h('span', { class: 'app-icon', 'aria-hidden': 'true' }),
          h('span', {}, h('b', {}, title), h('span', { class: 'line' }, text)),
          h('time', {}, say('now')),
        ],
        () => {
          this.banner.hidden = true
          this.goes(PLACES[item.in])
        },
        { class: 'message-banner', lang: 'zh-CN' },
      ),
    )
    clearTimeout(this.#bannerTimer)
    this.#bannerTimer = setTimeout(() => (this.banner.hidden = true), BANNER_MS)
  }

  messagesIn(place) {
    return this.inbox.filter((item) => item.in === place)
  }

  unreadIn(place) {
    return Math.max(0, this.messagesIn(place).length - (read.get()[this.user]?.[place] ?? 0))
  }

  marksRead(place) {
    const count = this.messagesIn(place).length
    if ((read.get()[this.user]?.[place] ?? 0) === count) return
    read.update((all) => ((all[this.user] ??= {})[place] = count))
    world.dispatchEvent(new Event('news'))
  }

  #ticks() {
    fill(
      this.status,
      h('span', {}, world.now ? minute(world.time()) : ''),
      h('span', { class: 'signs' }, this.host.isOffline ? '✈' : '5G', ' ', h('span', { class: 'battery' })),
    )
  }

  shows() {
    this.#ticks()
    fill(this.head, this.user ? say('phone_of', this.user) : say('phone'))
    this.section.setAttribute('aria-label', this.head.textContent)
    const isApp = Boolean(this.person) && this.at.name === 'app'
    this.frames.hidden = !isApp
    this.content.hidden = isApp
    this.nav.hidden = !this.person
    if (!this.person) return this.#welcomes()
    const screen = isApp ? this.host.screen() : SCREENS[this.at.name](this)
    draw(this.nav, screen.nav.seen, () => this.#bar(screen.nav))
    const style = this.screen.style
    style.setProperty('--nav', screen.nav.background ?? '')
    style.setProperty('--nav-ink', screen.nav.ink ?? '')
    if (!isApp) draw(this.content, [this.user, this.at, languageNow(), screen.seen], screen.content)
    if (screen.place && state.view !== 'people') this.marksRead(screen.place)
    return undefined
  }

  /** Nobody has a phone yet; or nobody has been heard of yet. */
  #welcomes() {
    const isEmpty = world.isThere && world.people.size === 0
    draw(this.content, ['welcome', languageNow(), isEmpty], () => (isEmpty ? welcome() : []))
  }

  #bar({ title, canBack, more, lang }) {
    return [
      canBack
        ? button('‹', () => this.back(), { class: 'back', 'aria-label': say('back'), 'data-key': 'back' })
        : h('span'),
      h('h3', { lang }, title),
      more ?? h('span'),
    ]
  }
}
