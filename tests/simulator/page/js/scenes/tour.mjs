// The story as a guided tour: each step is done by hand on the phone, and ticks itself once the world shows that it is.

import { state } from '../state.mjs'
import { world } from '../world.mjs'

const arrived = (phone, kind) => phone.inbox.some((item) => item.kind === kind)
const person = () => world.people.get(state.user)

/** `step_NAME` says what to do; a step stays done. */
export const STEPS = [
  ['pick_up', () => Boolean(person())],
  ['open', (phone) => phone.at.name === 'app'],
  ['add', (phone) => phone.host.address().startsWith('pages/edit/')],
  ['allow', () => (person()?.credits ?? 0) > 0],
  ['saved', (phone) => phone.host.address().startsWith('pages/item/')],
  ['first_push', (phone) => arrived(phone, 'subscription')],
  ['tap', (phone) => phone.host.address().startsWith('pages/item/item?') && arrived(phone, 'subscription')],
  ['follow', () => person()?.followed],
  ['second_push', (phone) => arrived(phone, 'template')],
  ['third_push', (phone) => phone.inbox.filter((item) => item.kind === 'template').length > 1],
]

export class Tour {
  #done = new Set()
  #user = ''

  /** The steps with what is done of them; the first that is not is at hand. */
  steps(phone) {
    if (this.#user !== state.user) {
      this.#user = state.user
      this.#done.clear()
    }
    for (const [name, isDone] of STEPS) {
      if (this.#done.has(name)) continue
      if (!isDone(phone)) break
      this.#done.add(name)
    }
    const next = STEPS.find(([name]) => !this.#done.has(name))?.[0]
    return STEPS.map(([name]) => ({ name, isDone: this.#done.has(name), isNext: name === next }))
  }
}
