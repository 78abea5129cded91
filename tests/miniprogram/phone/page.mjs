// An open page of the mini program.

import { joinQuery } from './address.mjs'
import { render, textOf, walk } from './wxml.mjs'

/** Of cold starts in which `<official-account/>` shows; docs/wechat.md §12. */
const OFFICIAL_ACCOUNT_SCENES = [1011, 1017, 1025, 1047, 1124]

/** What is said of pushes and of what happened to them. */
const SAID_IN = ['push', 'reason', 'entry', 'error']

/** A page that is open: what `Page()` was given, with `data` and `setData`; and what it shows. */
export class OpenPage {
  #phone
  #tree
  #query
  #reported = new Set()

  constructor(phone, route, query, { definition, tree }) {
    this.#phone = phone
    this.#tree = tree
    this.#query = query
    this.route = route
    this.rawQuery = joinQuery(query)
    /** `this` of the page's own code. */
    this.instance = Object.assign(fresh(definition), {
      route,
      data: copy(definition.data ?? {}),
      setData: (values) => this.#set(values),
    })
  }

  start() {
    this.run('onLoad', { ...this.#query })
    this.run('onShow')
    this.run('onReady')
  }

  run(name, ...given) {
    if (typeof this.instance[name] !== 'function') return
    const faulty = (error) => this.#phone.faults.push(`${this.route}: ${error?.stack ?? JSON.stringify(error)}`)
    try {
      Promise.resolve(this.instance[name](...given)).catch(faulty)
    } catch (error) {
      faulty(error)
    }
  }

  screen() {
    return render(this.#tree, this.instance.data, (expression, scope) => this.#phone.evaluate(expression, scope))
  }

  #set(values) {
    for (const [key, value] of Object.entries(values)) put(this.instance.data, key, value)
    for (const one of walk(this.screen())) {
      if (
        SAID_IN.some((name) =>
          String(one.attributes.class ?? '')
            .split(' ')
            .includes(name),
        )
      ) {
        this.#phone.said.add(textOf(one))
      }
      // `<official-account/>` says once whether it shows.
      if (one.tag !== 'official-account' || this.#reported.has(one.tag)) continue
      this.#reported.add(one.tag)
      const shows = OFFICIAL_ACCOUNT_SCENES.includes(this.#phone.launch.scene)
      const handler = one.handlers[shows ? 'load' : 'error']
      if (handler) this.#phone.during(async () => this.run(handler, { detail: { status: shows ? 0 : 5 } }))
    }
  }
}

/** As WeChat: a page's own properties are its own, not those of another page opened from the same file. */
function fresh(definition) {
  const entries = Object.entries(definition)
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === 'function' ? value : copy(value)]))
}

/** As WeChat: a value is copied, a path may lead into it, undefined is refused. */
function put(data, key, value) {
  if (value === undefined) throw new Error(`setData: ${key} is undefined`)
  const steps = key.replace(/\[(\d+)\]/g, '.$1').split('.')
  const last = steps.pop()
  let target = data
  for (const step of steps) target = target[step] ??= {}
  target[last] = copy(value)
}

function copy(value) {
  const text = JSON.stringify(value, (key, one) => {
    if (typeof one === 'function') throw new Error(`setData: ${key} is a function`)
    return one
  })
  return JSON.parse(text)
}
