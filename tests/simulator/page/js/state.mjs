// What this page remembers: whose phone is shown, which panel, what was read. The first two are in its address.

import { world } from './world.mjs'

class State extends EventTarget {
  user = ''
  panel = 'why'
  /** On a narrow screen one of `people`, `phone`, or a panel is shown. */
  view = 'phone'
  scene = ''

  read() {
    const address = new URLSearchParams(location.hash.slice(1) || location.search.slice(1))
    this.user = address.get('user') ?? this.user
    this.scene = address.get('scene') ?? ''
    this.panel = address.get('panel') ?? (this.scene ? 'scenes' : this.panel)
    if (this.scene) this.view = 'scenes'
  }

  set(change) {
    Object.assign(this, change)
    if (change.panel) this.view = change.panel
    if (change.user !== undefined) this.view = change.view ?? 'phone'
    const address = new URLSearchParams()
    for (const name of ['user', 'panel', 'scene']) if (this[name]) address.set(name, this[name])
    history.replaceState(null, '', `${location.pathname}#${address}`)
    this.dispatchEvent(Object.assign(new Event('change'), { change }))
  }
}

export const state = new State()

/** Kept in the browser for as long as this world lives. */
export class Kept {
  #name
  #value = null

  constructor(name) {
    this.#name = name
  }

  #key() {
    return `${world.id}.${this.#name}`
  }

  get() {
    if (this.#value) return this.#value
    const text = sessionStorage.getItem(this.#key())
    const value = text ? JSON.parse(text) : {}
    if (world.id) this.#value = value
    return value
  }

  update(change) {
    const value = this.get()
    change(value)
    sessionStorage.setItem(this.#key(), JSON.stringify(value))
  }
}

/** By user and place, how many messages were looked at. */
export const read = new Kept('read')
/** By user, what the mini program stored. */
export const stored = new Kept('storage')

export function unreadOf(person) {
  const seen = Object.values(read.get()[person.name] ?? {}).reduce((sum, n) => sum + n, 0)
  return Math.max(0, person.messages - seen)
}
