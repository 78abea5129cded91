// The world as the server tells it, and what it is told. News come by server-sent events; nothing is polled.

const TELL_LATE_MS = 250
/** While the clock runs, what time it is is told anew within. */
const TOLD_WITHIN_MS = 1000

class World extends EventTarget {
  id = ''
  now = 0
  pace = 'explicit'
  play = 0
  next = null
  next_push = null
  faults = []
  requests = 0
  dead_letters = 0
  schedules = 0
  service_account = true
  isThere = false
  people = new Map()
  #heardAt = 0
  #late = 0

  listen() {
    const source = new EventSource('/sim/events')
    source.onmessage = (event) => this.#hears(JSON.parse(event.data))
    source.onerror = () => {
      this.isThere = false
      this.#tell()
    }
  }

  #hears({ people, now, world, ...rest }) {
    // Another world at the same address: nothing of the one before is true.
    if (world && this.id && world !== this.id) location.reload()
    if (world) this.id = world
    Object.assign(this, rest)
    if (now) {
      this.now = Date.parse(now)
      this.#heardAt = performance.now()
    }
    for (const person of people ?? []) this.people.set(person.name, person)
    this.isThere = true
    this.#tell()
  }

  /** Once for all that comes at the same time, soon. */
  #tell() {
    this.dispatchEvent(new Event('news'))
    clearTimeout(this.#late)
    this.#late = setTimeout(() => this.dispatchEvent(new Event('rest')), TELL_LATE_MS)
  }

  /** What time it is in there, in milliseconds, between two news, too. */
  time() {
    const since = performance.now() - this.#heardAt
    if (this.pace === 'real') return this.now + since
    // Somebody else may have stopped it.
    return this.now + Math.min(since, TOLD_WITHIN_MS) * this.play
  }

  byOpenid(openid) {
    if (!openid) return undefined
    for (const person of this.people.values())
      if (person.mini_program_openid === openid || person.service_account_openid === openid) return person
    return undefined
  }

  async ask(path, { method = 'GET', body } = {}) {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    let answer
    try {
      answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
    } catch (error) {
      return { ok: false, status: 0, body: { message: String(error) } }
    }
    const text = await answer.text()
    return { ok: answer.ok, status: answer.status, body: json(text) }
  }

  get(path) {
    return this.ask(path)
  }

  /** Tells the world something; what it does not take is said on the page. */
  async tell(path, body = {}) {
    const answer = await this.ask(path, { method: 'POST', body })
    if (!answer.ok) this.says(answer.body?.message ?? answer.body?.error ?? `${answer.status}`)
    return answer
  }

  does(name, verb, details = {}) {
    return this.tell(`/sim/users/${encodeURIComponent(name)}/${verb}`, details)
  }

  operate(event) {
    return this.ask('/sim/operations', { method: 'POST', body: event })
  }

  says(text) {
    this.dispatchEvent(Object.assign(new Event('said'), { text }))
  }
}

function json(text) {
  try {
    return text ? JSON.parse(text) : null
  } catch {
    return text
  }
}

export const world = new World()
