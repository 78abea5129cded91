// Behind the scenes: the operator's questions, and what the functions and WeChat said to each other.

import { button, draw, h } from './dom.mjs'
import { state } from './state.mjs'
import { moment, second, until } from './times.mjs'
import { languageNow, say } from './words.mjs'
import { world } from './world.mjs'

const SHOWN_MAX = 60
const QUESTIONS = {
  doctor: () => ({ operation: 'doctor', language: languageNow() }),
  'followers.sync': () => ({ operation: 'followers.sync' }),
  'quota.show': () => ({ operation: 'quota.show' }),
  stats: () => ({ operation: 'stats', days: 7 }),
  'templates.list': () => ({ operation: 'templates.list' }),
  'settings.get': () => ({ operation: 'settings.get' }),
  'user.show': () => ({ operation: 'user.show', openid: openid() }),
  'push.test': () => ({ operation: 'push.test', openid: openid(), template: 'expiry' }),
}
const OF_A_USER = new Set(['user.show', 'push.test'])
const openid = () => world.people.get(state.user)?.mini_program_openid

export class Behind {
  #answer = null
  #lists = { schedules: [], callbacks: [], requests: [], letters: [] }
  #seen = ''

  constructor(panel) {
    this.panel = panel
    world.addEventListener('rest', () => this.looks())
    state.addEventListener('change', () => this.looks())
  }

  async looks() {
    if (state.panel !== 'behind') return
    const seen = JSON.stringify([world.writes, world.schedules, world.dead_letters, world.now])
    if (seen !== this.#seen) {
      this.#seen = seen
      const [schedules, callbacks, requests, letters] = await Promise.all(
        [
          '/sim/schedules',
          '/sim/callbacks',
          `/sim/requests?since=${Math.max(0, (world.writes ?? 0) - SHOWN_MAX)}`,
          '/sim/dead-letters',
        ].map((path) => world.get(path)),
      )
      const list = ({ body }) => (Array.isArray(body) ? body : [])
      this.#lists = {
        schedules: list(schedules)
          .sort((a, b) => String(a.next).localeCompare(String(b.next)))
          .slice(0, SHOWN_MAX),
        callbacks: list(callbacks).slice(-SHOWN_MAX).reverse(),
        requests: list(requests).slice(-SHOWN_MAX).reverse(),
        letters: list(letters).slice(-SHOWN_MAX).reverse(),
      }
    }
    this.shows()
  }

  async #asks(name) {
    const lang = languageNow()
    const { ok, body } = await world.operate(QUESTIONS[name]())
    this.#answer = { name, ok, body, lang }
    this.shows()
  }

  shows() {
    if (state.panel !== 'behind') return
    draw(this.panel, ['behind', languageNow(), this.#answer, this.#lists, state.user], () => [
      h(
        'section',
        {},
        h('h3', {}, say('operations')),
        h(
          'div',
          { class: 'questions' },
          Object.keys(QUESTIONS).map((name) =>
            button(say(`op_${name}`), () => this.#asks(name), {
              disabled: OF_A_USER.has(name) && !openid(),
              'data-key': name,
            }),
          ),
        ),
        this.#answer ? answered(this.#answer) : null,
      ),
      table(
        'schedules',
        ['next', 'in', 'what'],
        this.#lists.schedules.map((one) => [
          one.next ? moment(one.next) : '–',
          one.next ? until(one.next, world.now) : '',
          inputText(one.input),
        ]),
      ),
      table(
        'dead_letters',
        ['at', 'error'],
        this.#lists.letters.map((one) => [second(one.at), `${one.error} ${JSON.stringify(one.event)}`]),
      ),
      table(
        'callbacks',
        ['at', 'what', 'answer'],
        this.#lists.callbacks.map((one) => [
          second(one.at),
          [one.event, aboutWhom(one.document)],
          one.lost
            ? say('lost', one.lost)
            : one.attempts
                .map((attempt) =>
                  [attempt.status ?? say('no_answer_at_all'), attempt.refused].filter(Boolean).join(': '),
                )
                .join(' · '),
        ]),
      ),
      table(
        'requests',
        ['at', 'function', 'what'],
        this.#lists.requests.map((one) => [
          second(one.at),
          one.function ?? '–',
          `${one.operation}${one.outcome === 'ok' ? '' : ` → ${one.outcome}`}`,
        ]),
      ),
    ])
  }
}

function aboutWhom(document) {
  for (const person of world.people.values())
    if (
      [person.mini_program_openid, person.service_account_openid].some((openid) => openid && document.includes(openid))
    )
      return h('span', { class: 'soft' }, ` ${person.name}`)
  return null
}

function inputText(input) {
  let known = {}
  try {
    known = JSON.parse(input)
  } catch {
    return input ?? ''
  }
  if (known.id) return say('next_push_of', world.byOpenid(known.openid)?.name ?? '?')
  return known.sweep ? say('next_sweep') : JSON.stringify(known)
}

/** `lang`: in which it was asked for. */
export function answered({ name, body, lang }) {
  const findings = body?.findings
  if (!findings) return h('pre', { tabindex: '0', 'aria-label': say(`op_${name}`) }, JSON.stringify(body, null, 2))
  return h(
    'ul',
    { class: 'findings' },
    findings.map((one) =>
      h(
        'li',
        { class: one.status },
        h('span', { class: 'badge' }, say(`status_${one.status}`)),
        ' ',
        h('b', {}, one.check),
        ' ',
        h('span', { lang }, one.what),
        one.do ? h('p', { class: 'mend', lang }, one.do) : null,
      ),
    ),
  )
}

function table(name, head, rows) {
  return h(
    'details',
    { 'data-key': `table-${name}`, open: name === 'schedules' || (name === 'dead_letters' && rows.length > 0) },
    h('summary', {}, `${say(name)} (${rows.length})`),
    rows.length
      ? h(
          'div',
          { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': say(name) },
          h(
            'table',
            {},
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                head.map((one) => h('th', { scope: 'col' }, say(`head_${one}`))),
              ),
            ),
            h(
              'tbody',
              {},
              rows.map((row) =>
                h(
                  'tr',
                  {},
                  row.map((cell) => h('td', {}, cell)),
                ),
              ),
            ),
          ),
        )
      : h('p', { class: 'soft' }, say('none')),
  )
}
