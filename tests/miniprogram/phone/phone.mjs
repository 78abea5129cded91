// A phone with this mini program on it, and somebody's finger. The pages are the real ones; what they call goes to the
// local world over HTTP; what they show is read from their WXML.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

import { splitUrl } from './address.mjs'
import { OpenPage } from './page.mjs'
import { handlers, parse, textOf, walk } from './wxml.mjs'
import { createWx } from './wx.mjs'

const APP = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
/** So that the pauses between repetitions do not have to be waited for. */
const TIMERS_FASTER = 100
const SETTLES_WITHIN_MS = 20_000
/** What WeChat lets somebody type where `maxlength` says nothing. */
const INPUT_CHARS_MAX = 140
/** What a promise sets off begins within one. */
const TURNS_OF_QUIET = 3

export class Phone {
  storage = new Map()
  offline = false
  /** Of requests that are done, but whose answer is lost: `METHOD /path`, each once. */
  lostAnswers = []
  /** To the next prompts: an answer of `/sim/users/{name}/subscribe`, or the number of a failure; else accept. */
  promptAnswers = []
  modalAnswers = []
  requests = []
  toasts = []
  modals = []
  prompts = 0
  /** By template id, what the user ticked 总是保持 for; and how often that was asked for. */
  always = {}
  silentAnswers = 0
  /** Profiles, articles and calendar entries: the call and what it was about, and whether it was in a tap. */
  opened = []
  /** Calls that fail on this phone. */
  refuses = []
  logins = 0
  settingsOpened = 0
  /** What was said of reminders so far. */
  said = new Set()
  /** What a newer server would answer: a pattern of `METHOD /path`, and what becomes of the answer. */
  amends = []
  /** What a page threw. */
  faults = []
  pages = []
  inTap = false
  #running = false
  #busy = 0
  #session = null
  #turnEnds = undefined
  /** Files in the place of the sample's, by path; and a package's, by name: where it is. */
  #overlay = {}

  /** Of a new user, or of one who is there already. */
  static async of(
    world,
    name,
    { isNew = true, relay = null, library = '3.15.1', device = 'android', overlay = {} } = {},
  ) {
    const phone = new Phone()
    phone.#overlay = overlay
    // With a relay there is no domain in the console's list.
    Object.assign(phone, { world, name, relay, library, device, domains: relay ? [] : [world.api] })
    if (isNew) await world.post('/sim/users', { name, unionid: true })
    return phone
  }

  /** Does something of the control API as this user. */
  does(verb, details = {}) {
    return this.world.post(`/sim/users/${encodeURIComponent(this.name)}/${verb}`, details)
  }

  async inbox() {
    return this.world.get(`/sim/users/${encodeURIComponent(this.name)}/inbox`)
  }

  // ---- the mini program ----

  /** Opens the mini program: cold, or warm if it is in the background. */
  async opens({ scene = 1001, page } = {}) {
    const [at, query] = splitUrl(page ?? '')
    const options = { path: at, query, scene }
    const cold = !this.#running
    if (cold) this.#load(options)
    this.app.onShow?.(options)
    if (cold || page) await this.relaunch('/' + (page || this.config.pages[0]))
    else this.page.run('onShow')
    await this.settles()
  }

  /** The arrow at the top left. */
  async goesBack() {
    this.pages.pop().run('onUnload')
    this.page.run('onShow')
    await this.settles()
  }

  /** Another app comes to the front. */
  goesToBackground() {
    this.page.run('onHide')
    this.app.onHide?.()
  }

  /** WeChat ended it in the background. What it stored stays. */
  dies() {
    this.#running = false
    this.pages = []
  }

  #load(launch) {
    this.#running = true
    this.launch = launch
    this.pages = []
    this.config = JSON.parse(read('app.json'))
    this.modules = new Map()
    this.definitions = new Map()
    this.context = vm.createContext({
      wx: createWx(this),
      App: (definition) => (this.app = definition),
      Page: (definition) => (this.defined = definition),
      getApp: () => this.app,
      getCurrentPages: () => this.pages.map((page) => page.instance),
      console,
      setTimeout: (work, delayMs) =>
        void this.during(async () => {
          await sleep(delayMs / TIMERS_FASTER)
          this.turn(false)
          work()
        }),
      __now: () => this.world.now,
    })
    // The phone's clock is the world's.
    vm.runInContext(
      `{
        const Real = Date
        Date = class extends Real {
          constructor(...of) { super(...(of.length ? of : [__now()])) }
          static now() { return __now() }
        }
      }`,
      this.context,
    )
    this.#require('app.js')
    this.app.onLaunch?.(launch)
  }

  #require(file) {
    if (!this.modules.has(file)) {
      const module = { exports: {} }
      this.modules.set(file, module)
      const require = (name) => {
        if (this.#overlay[name]) return this.#require(this.#overlay[name])
        if (!name.startsWith('.')) throw new Error(`${file} requires ${name}, which is not a path`)
        return this.#require(path.posix.join(path.posix.dirname(file), name))
      }
      const code = vm.compileFunction(this.#overlay[file] ?? read(file), ['require', 'module', 'exports'], {
        filename: path.join(APP, file),
        parsingContext: this.context,
      })
      code(require, module, module.exports)
      // The one thing a developer has to set.
      if (file === 'config.js') {
        if (this.relay) module.exports.relay = this.relay.config
        else module.exports.baseUrl = this.world.api
      }
    }
    return this.modules.get(file).exports
  }

  #definition(at) {
    if (!this.config.pages.includes(at)) throw new Error(`app.json has no page ${at}`)
    if (!this.definitions.has(at)) {
      this.defined = null
      this.#require(at + '.js')
      if (!this.defined) throw new Error(`${at}.js registers no page`)
      const tree = parse(read(at + '.wxml'), at + '.wxml')
      for (const name of handlers(tree)) {
        if (typeof this.defined[name] !== 'function')
          throw new Error(`${at}.wxml names ${name}, which ${at}.js has not`)
      }
      JSON.parse(read(at + '.json'))
      read(at + '.wxss')
      this.definitions.set(at, { definition: this.defined, tree })
    }
    return this.definitions.get(at)
  }

  async openPage(url) {
    const [at, query] = splitUrl(url.replace(/^\//, ''))
    const page = new OpenPage(this, at, query, this.#definition(at))
    this.pages.push(page)
    page.start()
  }

  async relaunch(url) {
    while (this.pages.length) this.pages.pop().run('onUnload')
    await this.openPage(url)
  }

  /** Notes that something is going on until the work is done. */
  async during(work) {
    this.#busy += 1
    try {
      return await work()
    } finally {
      this.#busy -= 1
    }
  }

  /** Until nothing goes on any more. */
  async settles() {
    const giveUpAt = performance.now() + SETTLES_WITHIN_MS
    for (let quiet = 0; quiet < TURNS_OF_QUIET; quiet = this.#busy ? 0 : quiet + 1) {
      await turn()
      if (performance.now() > giveUpAt) throw new Error(`${this.at} does not come to rest`)
    }
  }

  evaluate(expression, scope) {
    const names = new Proxy(scope, { has: (_, name) => typeof name === 'string' })
    return vm.compileFunction(`with (scope) { return (${expression}) }`, ['scope'], { parsingContext: this.context })(
      names,
    )
  }

  // ---- the finger and the eye ----

  get page() {
    return this.pages.at(-1)
  }

  /** The page at the front, as `pages/item/item?id=1`. */
  get at() {
    return this.page.route + (this.page.rawQuery ? '?' + this.page.rawQuery : '')
  }

  /** All that can be read. */
  text() {
    return textOf(this.page.screen())
  }

  all(matches) {
    return [...walk(this.page.screen())].filter(matches)
  }

  byClass(name) {
    return this.all((one) =>
      String(one.attributes.class ?? '')
        .split(' ')
        .includes(name),
    ).map(textOf)
  }

  /** Taps what shows exactly this text, or the first that contains it and can be tapped. */
  async taps(text) {
    const can = (one) => one.handlers.tap || one.attributes['open-type']
    const shown = this.all((one) => can(one) && textOf(one).includes(text))
    const target = shown.find((one) => textOf(one) === text) ?? shown[0]
    if (!target) throw new Error(`there is no “${text}” to tap on ${this.at}: ${this.text()}`)
    if (target.attributes.disabled) throw new Error(`“${text}” is disabled`)
    if (target.attributes['open-type'] === 'contact') return this.#entersSession(target)
    this.#fires(target, 'tap', {}, true)
    await this.settles()
  }

  #fires(target, event, detail, isTap = false) {
    this.turn(isTap)
    this.page.run(target.handlers[event], { type: event, detail, currentTarget: { dataset: target.dataset } })
  }

  /** The code of a page runs, in a tap or not: this turn, and what awaits nothing but microtasks. */
  turn(inTap) {
    this.inTap = inTap
    clearImmediate(this.#turnEnds)
    this.#turnEnds = setImmediate(() => (this.inTap = false))
  }

  #in(field, ...tags) {
    const box = this.all((one) => one.dataset.field === field)[0]
    const found = box && [...walk(box)].find((one) => tags.includes(one.tag))
    if (!found) throw new Error(`${this.at} has no ${tags.join(' or ')} for ${field}`)
    return found
  }

  async types(field, value) {
    const input = this.#in(field, 'input', 'textarea')
    const longest = Number(input.attributes.maxlength ?? INPUT_CHARS_MAX)
    this.#fires(input, 'input', { value: longest < 0 ? value : value.slice(0, longest) })
    await this.settles()
  }

  async picks(field, value) {
    this.#fires(this.#in(field, 'picker'), 'change', { value })
    await this.settles()
  }

  async ticks(field, values) {
    this.#fires(this.#in(field, 'checkbox-group'), 'change', { value: values.map(String) })
    await this.settles()
  }

  /** What a field says is wrong. */
  errorAt(field) {
    const box = this.all((one) => one.dataset.field === field)[0]
    const error = box && [...walk(box)].find((one) => one.attributes.class === 'error')
    return error ? textOf(error) : ''
  }

  /** The contact button opens the customer-service session. */
  async #entersSession(button) {
    this.#session = { page: this.page, handler: button.handlers.contact }
    await this.does('enter-session', { session_from: String(button.attributes['session-from'] ?? '') })
  }

  /** Taps a card of the session: WeChat comes back to the page it was opened from, which has to go there itself. */
  async tapsCard(message) {
    const [at, query] = splitUrl(message.body.miniprogrampage.pagepath)
    const { page, handler } = this.#session
    page.run(handler, { type: 'contact', detail: { path: at, query }, currentTarget: { dataset: {} } })
    await this.settles()
  }

  /** Taps a message about an item; it opens its page, wherever the mini program was. */
  async tapsMessage(message) {
    const { page, miniprogram } = message.body
    await this.opens(miniprogram ? { scene: 1043, page: miniprogram.pagepath } : { scene: 1014, page })
  }
}

function read(file) {
  return readFileSync(path.join(APP, file), 'utf8')
}

function sleep(delayMs) {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
