// What a scene does to set the world up: as its people would, over the same addresses.

import { freeName } from '../people.mjs'
import { state, stored } from '../state.mjs'
import { templatesOf } from '../phone/message.mjs'
import { world } from '../world.mjs'

const DAY_MS = 86_400_000
const PEOPLE_AT_ONCE = 10

async function api(path, { token, body, method = 'POST' } = {}) {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const answer = await fetch(`/sim/api${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return text ? JSON.parse(text) : null
}

async function done(answer) {
  const { ok, body } = await answer
  if (!ok) throw new Error(body?.error ?? body?.message ?? 'not done')
  return body
}

export class Actor {
  /** Somebody new with the mini program opened once, whose phone goes on where this leaves off. */
  static async arrives(base) {
    const actor = new Actor()
    actor.name = freeName(base)
    await done(world.tell('/sim/users', { name: actor.name, unionid: true }))
    const { code } = await done(world.does(actor.name, 'login'))
    actor.token = (await api('/login', { body: { code } })).token
    stored.update((all) => ((all[actor.name] ??= {})['reminders.session'] = JSON.stringify(actor.token)))
    return actor
  }

  does(verb, details) {
    return done(world.does(this.name, verb, details))
  }

  follows() {
    return this.does('follow', { via: 'search' })
  }

  /** So many accepted prompts, reported by the mini program. */
  async accepts(prompts = 1) {
    for (let n = 0; n < prompts; n++) {
      const results = await this.does('subscribe', { template_ids: templatesOf('mini_subscription'), answer: 'accept' })
      await api('/subscriptions', { token: this.token, body: { results } })
    }
  }

  registers({ title = '护照', note = '到出入境大厅换发', inDays = 31, pushes = [30, 7, 1] } = {}) {
    const page = `pages/item/item?item=${encodeURIComponent(`${title}-${Math.random().toString(36).slice(2, 10)}`)}`
    const expires = new Date(world.now + inDays * DAY_MS + 8 * 3_600_000).toISOString().slice(0, 10)
    const body = {
      template: 'expiry',
      title,
      note,
      expires_at: `${expires}T00:00:00+08:00`,
      timezone: 'Asia/Shanghai',
      pushes: pushes.map((days_before) => ({ days_before, time: '09:00' })),
      page,
    }
    return api('/reminders', { token: this.token, body })
  }
}

/** Moves on to so many minutes after the push, where the clock can be moved. */
export async function passesTo(instant, minutes = 1) {
  if (world.pace === 'real') return
  await done(world.tell('/sim/clock', { advance_to: new Date(Date.parse(instant) + minutes * 60_000).toISOString() }))
}

export const breaks = (fault) => done(world.tell('/sim/faults', fault))

/** Many, a few at a time. */
export async function crowd(count, work, says) {
  let next = 0
  await Promise.all(
    Array.from({ length: PEOPLE_AT_ONCE }, async () => {
      while (next < count) {
        const n = next++
        await work(n)
        if (n % 25 === 0) says(n)
      }
    }),
  )
}

export const shows = (actor) => state.set({ user: actor.name, panel: 'scenes', view: 'phone' })
export const bare = (name) => done(world.tell('/sim/users', { name, unionid: true }))
