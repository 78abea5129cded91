// What of a phone a build of uni-app needs: its files are required, its App and its pages' Components live, and what they
// bind to a tap can be tapped. `wx` is the simulated phone's.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'

import { createWx } from '../../phone/wx.mjs'

export class UniHost {
  #folder
  #context
  #modules = new Map()
  #page
  #defined = null

  constructor(folder, phone) {
    this.#folder = folder
    this.phone = phone
    phone.launch = { scene: 1001, path: 'pages/index/index', query: {} }
    this.#context = vm.createContext({
      wx: withMore(createWx(phone)),
      App: (definition) => (this.app = definition),
      // Both are wrapped by uni-app, which makes pages of Components.
      Page: () => {},
      Component: (definition) => (this.#defined = definition),
      getApp: () => this.app,
      getCurrentPages: () => (this.#page ? [this.#page] : []),
      global: {},
      console,
      // What a timer does is not in the tap any more.
      setTimeout: (work, delayMs) => setTimeout(() => (phone.turn(false), work()), delayMs),
      clearTimeout,
    })
  }

  async opens(at) {
    this.#require('app.js')
    this.app.onLaunch(this.phone.launch)
    this.#require(at + '.js')
    const { lifetimes, pageLifetimes, methods } = this.#defined
    const data = {}
    this.#page = {
      ...methods,
      route: at,
      is: at,
      data,
      properties: {},
      setData: (values, done) => {
        Object.assign(data, JSON.parse(JSON.stringify(values)))
        done?.()
      },
      selectAllComponents: () => [],
      triggerEvent: () => {},
    }
    this.wxml = readFileSync(path.join(this.#folder, at + '.wxml'), 'utf8')
    lifetimes.attached.call(this.#page)
    this.#page.onLoad({})
    pageLifetimes.show.call(this.#page)
    this.#page.onShow?.()
    lifetimes.ready.call(this.#page)
    await this.phone.settles()
  }

  get data() {
    return this.#page.data
  }

  /** The only thing that can be tapped. */
  async taps() {
    const [button] = /<button [^>]*>/.exec(this.wxml)
    const [, bound] = /bindtap="\{\{(\w+)\}\}"/.exec(button)
    const dataset = Object.fromEntries(
      [...button.matchAll(/data-(\w+)="(\w+)"/g)].map(([, name, value]) => [name, value]),
    )
    this.phone.turn(true)
    this.#page[this.data[bound]]({
      type: 'tap',
      timeStamp: Date.now(),
      detail: {},
      target: { dataset },
      currentTarget: { dataset },
    })
    await this.phone.settles()
  }

  #require(file) {
    if (this.#modules.has(file)) return this.#modules.get(file).exports
    const module = { exports: {} }
    this.#modules.set(file, module)
    const require = (name) => this.#require(path.posix.join(path.posix.dirname(file), name))
    const code = readFileSync(path.join(this.#folder, file), 'utf8')
    const options = { filename: path.join(this.#folder, file), parsingContext: this.#context }
    vm.compileFunction(code, ['require', 'module', 'exports'], options)(require, module, module.exports)
    return module.exports
  }
}

/** A plain object, for uni-app's runtime copies what it has; with what else that one asks for. */
function withMore(wx) {
  const known = Object.fromEntries(Object.keys(wx).map((name) => [name, wx[name]]))
  return {
    ...known,
    canIUse: () => true,
    setStorage: ({ key, data }) => wx.setStorageSync(key, data),
    getSystemInfoSync: () => ({ platform: 'android', language: 'zh_CN', windowWidth: 375, pixelRatio: 2 }),
    getAppBaseInfo: () => ({ language: 'zh_CN' }),
    getDeviceInfo: () => ({ ...wx.getDeviceInfo(), brand: 'HUAWEI', model: 'P70', system: 'Android 14' }),
    getWindowInfo: () => ({ windowWidth: 375, pixelRatio: 2 }),
  }
}
