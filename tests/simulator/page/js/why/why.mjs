// Why each push did or did not come, for the user whose phone is shown.

import { draw, h } from '../dom.mjs'
import { state } from '../state.mjs'
import { languageNow, say } from '../words.mjs'
import { world } from '../world.mjs'
import { newestFirst, reminderView } from './reminder.mjs'

/** Of so many reminders it is asked how many of their pushes will arrive. */
const COVERAGES_MAX = 12

export class Why {
  #seen = ''
  #export = null
  #coverage = new Map()
  #open = new Map()

  constructor(panel) {
    this.panel = panel
    world.addEventListener('rest', () => this.looks())
    state.addEventListener('change', () => this.looks())
  }

  /** Asks anew if something was written since, or the time went on by a minute. */
  async looks() {
    if (state.panel !== 'why') return
    const person = world.people.get(state.user)
    const seen = JSON.stringify([state.user, world.writes, Math.floor(world.now / 60_000), person])
    if (seen === this.#seen || !person) return this.shows()
    this.#seen = seen
    const answer = await world.operate({ operation: 'user.export', openid: person.mini_program_openid })
    if (this.#seen !== seen) return
    this.#export = { user: state.user, document: answer.body }
    await this.#asksCoverage()
    await this.#asksRequests()
    if (this.#seen === seen) this.shows()
  }

  /** Only the API knows how many will arrive; it is asked as a server of the owner's may. */
  async #asksCoverage() {
    this.#coverage.clear()
    const headers = { 'x-openid': world.people.get(state.user).mini_program_openid }
    const active = (this.#export.document?.reminders ?? [])
      .filter((one) => one.state === 'active')
      .slice(0, COVERAGES_MAX)
    await Promise.all(
      active.map(async ({ id }) => {
        const answer = await fetch(`/sim/api/reminders/${id}`, { headers })
        if (answer.ok) this.#coverage.set(id, (await answer.json()).coverage)
      }),
    )
  }

  async #asksRequests() {
    for (const [id, one] of this.#open) {
      const { body } = await world.get(`/sim/requests?reminder=${encodeURIComponent(id)}`)
      one.requests = body
    }
  }

  async #opens(reminder, push) {
    const isOpen = this.#open.get(reminder.id)?.push === push.n
    if (isOpen) this.#open.delete(reminder.id)
    else this.#open.set(reminder.id, { push: push.n, requests: [] })
    await this.#asksRequests()
    this.shows()
  }

  shows() {
    if (state.panel !== 'why') return
    const person = world.people.get(state.user)
    const document = this.#export?.user === state.user ? this.#export.document : null
    draw(
      this.panel,
      ['why', languageNow(), state.user, document, [...this.#coverage], [...this.#open], Boolean(person)],
      () => {
        if (!person) return h('p', { class: 'soft' }, say('why_nobody'))
        const reminders = document?.reminders ?? []
        if (!reminders.length) return h('p', { class: 'soft' }, say(document?.error ? 'why_unknown' : 'why_nothing'))
        return newestFirst(reminders).map((one) =>
          reminderView(one, {
            coverage: this.#coverage.get(one.id),
            open: this.#open.get(one.id),
            opens: (push) => this.#opens(one, push),
          }),
        )
      },
    )
  }
}
