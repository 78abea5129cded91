// Everybody, as a list that a thousand do not make longer: only what is in sight is drawn.

import { button, draw, fill, h } from './dom.mjs'
import { state, unreadOf } from './state.mjs'
import { languageNow, say } from './words.mjs'
import { world } from './world.mjs'

const ROW_PX = 60
const MARGIN_ROWS = 6
const NAMES = ['小明', '小红', '小华', '小丽', '小军', '小芳', '小强', '小燕', '小刚', '小玉']

/** Given out, and perhaps not heard of yet. */
const taken = new Set()

export function freeName(base = '') {
  const names = base ? [base] : NAMES
  for (let round = 1; ; round++)
    for (const name of names) {
      const tried = round === 1 ? name : `${name} ${round}`
      if (world.people.has(tried) || taken.has(tried)) continue
      taken.add(tried)
      return tried
    }
}

export async function adds(name) {
  const answer = await world.tell('/sim/users', { name, unionid: true })
  if (answer.ok) state.set({ user: name })
  return answer.ok
}

const FILTERS = {
  all: () => true,
  unread: (person) => unreadOf(person) > 0,
  follows: (person) => person.followed,
  blocks: (person) => person.blocked || person.blacklisted,
  credit: (person) => person.credits > 0,
}

export function createPeople(section) {
  let sought = ''
  let filter = 'all'
  const search = h('input', {
    type: 'search',
    oninput: (event) => ((sought = event.target.value.trim().toLowerCase()), shows()),
  })
  const filters = h('div', { class: 'filters', role: 'group' })
  const list = h('div', { class: 'rows', tabindex: '-1', onscroll: () => shows() })
  const count = h('p', { class: 'soft small count' })
  const add = h('form', {
    class: 'add',
    onsubmit: (event) => (
      event.preventDefault(),
      adds(freeName(add.elements.name.value.trim())).then(() => add.reset())
    ),
  })
  fill(section, h('h2', {}, ''), search, filters, count, list, add)

  function shows() {
    fill(section.querySelector('h2'), say('people'))
    search.placeholder = say('search_people')
    search.setAttribute('aria-label', say('search_people'))
    filters.setAttribute('aria-label', say('filter'))
    draw(filters, [languageNow(), filter], () =>
      Object.keys(FILTERS).map((name) =>
        button(say(`filter_${name}`), () => ((filter = name), shows()), {
          class: 'pill',
          'aria-pressed': String(name === filter),
          'data-key': name,
        }),
      ),
    )
    draw(add, languageNow(), () => [
      h('input', {
        name: 'name',
        'aria-label': say('name'),
        placeholder: say('name'),
        maxlength: 40,
        'data-key': 'name',
        'data-typed': '',
      }),
      h('button', { class: 'primary' }, say('add_person')),
    ])
    const found = [...world.people.values()].filter(
      (person) => person.name.toLowerCase().includes(sought) && FILTERS[filter](person),
    )
    count.textContent = say('people_count', found.length, world.people.size)
    const first = Math.max(0, Math.floor(list.scrollTop / ROW_PX) - MARGIN_ROWS)
    const last = first + Math.ceil((list.clientHeight || 600) / ROW_PX) + 2 * MARGIN_ROWS
    const seen = found.slice(first, last).map((person) => [person, unreadOf(person)])
    draw(list, [seen, first, found.length, state.user, languageNow(), world.service_account], () => {
      const rows = h(
        'ul',
        {},
        seen.map(([person, unread]) => row(person, unread)),
      )
      rows.style.paddingTop = `${first * ROW_PX}px`
      rows.style.height = `${found.length * ROW_PX}px`
      return rows
    })
  }
  world.addEventListener('news', shows)
  state.addEventListener('change', shows)
  shows()
  return shows
}

function row(person, unread) {
  const isShown = person.name === state.user
  const badge = (text, cls = '') => h('span', { class: `badge ${cls}` }, text)
  return h(
    'li',
    {},
    button(
      [
        h('span', { class: 'face', 'aria-hidden': 'true', 'data-tone': toneOf(person.name) }, initial(person.name)),
        h(
          'span',
          { class: 'who' },
          h('span', { class: 'name' }, person.name),
          h('span', { class: 'badges' }, badges(person, badge)),
        ),
        unread
          ? h(
              'span',
              { class: 'unread', title: say('unread', unread), 'aria-label': say('unread', unread) },
              unread > 99 ? '99+' : unread,
            )
          : null,
      ],
      () => state.set({ user: person.name }),
      { class: 'person', 'aria-current': isShown ? 'true' : undefined, 'data-key': person.name },
    ),
  )
}

export function badges(person, badge) {
  return [
    world.service_account && (person.followed ? badge(say('follows'), 'good') : badge(say('follows_not'))),
    person.blocked && badge(say('blocks'), 'bad'),
    person.refused_templates > 0 && badge(say('refuses'), 'bad'),
    person.blacklisted && badge(say('blacklisted'), 'bad'),
    person.credits > 0 && badge(say('credits', person.credits), 'good'),
  ]
}

/** Its last letter: many names here begin alike. */
const initial = (name) => [...name.replace(/[\s\d]+$/, '')].at(-1) ?? '?'

export function toneOf(name) {
  let sum = 0
  for (const letter of name) sum += letter.codePointAt(0)
  return sum % 6
}
