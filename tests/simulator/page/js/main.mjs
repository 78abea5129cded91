// The page: the time above, people on the left, a phone in the middle, and beside it what explains or disturbs it.

import { Behind } from './behind.mjs'
import { createBar, setTheme } from './bar.mjs'
import { button, draw, fill, h } from './dom.mjs'
import { createMischief } from './mischief.mjs'
import { createPeople } from './people.mjs'
import { learnTemplates } from './phone/message.mjs'
import { Phone } from './phone/phone.mjs'
import { createScenes } from './scenes/scenes.mjs'
import { state, unreadOf } from './state.mjs'
import { Why } from './why/why.mjs'
import { languageNow, say } from './words.mjs'
import { world } from './world.mjs'

const PANELS = ['why', 'scenes', 'mischief', 'behind']
const NOTE_MS = 6000
const at = (id) => document.getElementById(id)

setTheme()
state.read()

const phone = new Phone(at('phone'))
const bodies = Object.fromEntries(
  PANELS.map((name) => [
    name,
    h('div', {
      class: `panel-body ${name}`,
      id: `panel-${name}`,
      role: 'tabpanel',
      'aria-labelledby': `tab-${name}`,
      tabindex: '-1',
    }),
  ]),
)
const tabList = h('div', { class: 'tab-list', role: 'tablist' })
fill(at('panel'), tabList, Object.values(bodies))

const why = new Why(bodies.why)
const behind = new Behind(bodies.behind)
const showsBar = createBar(at('bar'), () => shows())
const redraws = [
  createPeople(at('people')),
  createScenes(bodies.scenes, phone),
  createMischief(bodies.mischief),
  () => why.looks(),
  () => behind.looks(),
  () => phone.shows(),
]

function tabs() {
  draw(tabList, [languageNow(), state.panel, world.faults.length], () =>
    PANELS.map((name) =>
      button(
        [
          say(`panel_${name}`),
          name === 'mischief' && world.faults.length
            ? h('span', { class: 'unread', 'aria-label': say('armed_count', world.faults.length) }, world.faults.length)
            : null,
        ],
        () => state.set({ panel: name }),
        {
          role: 'tab',
          id: `tab-${name}`,
          'aria-selected': String(name === state.panel),
          'aria-controls': `panel-${name}`,
          tabindex: name === state.panel ? '0' : '-1',
          'data-key': name,
        },
      ),
    ),
  )
  for (const [name, body] of Object.entries(bodies)) body.hidden = name !== state.panel
  // On a narrow screen one thing at a time.
  document.body.dataset.view = PANELS.includes(state.view) ? 'panel' : state.view
  const unread = world.people.has(state.user) ? unreadOf(world.people.get(state.user)) : 0
  draw(at('tabs'), [languageNow(), state.view, unread, world.people.size], () =>
    ['people', 'phone', ...PANELS].map((name) =>
      button(
        [
          say(`panel_${name}`),
          name === 'phone' && unread
            ? h('span', { class: 'unread', 'aria-label': say('unread', unread) }, unread)
            : null,
        ],
        () => state.set(PANELS.includes(name) ? { panel: name } : { view: name }),
        { 'aria-current': name === state.view ? 'page' : undefined, 'data-key': name },
      ),
    ),
  )
}

tabList.addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!step) return
  state.set({ panel: PANELS[(PANELS.indexOf(state.panel) + step + PANELS.length) % PANELS.length] })
  tabList.querySelector('[aria-selected=true]').focus()
})

function shows() {
  document.documentElement.lang = languageNow() === 'zh' ? 'zh-CN' : 'en'
  document.title = say('title')
  at('tabs').setAttribute('aria-label', say('views'))
  at('people').setAttribute('aria-label', say('people'))
  at('panel').setAttribute('aria-label', say('beside'))
  tabList.setAttribute('aria-label', say('beside'))
  showsBar()
  tabs()
  for (const redraw of redraws) redraw()
}

let noteTimer = 0
world.addEventListener('said', ({ text }) => {
  at('note').textContent = text
  clearTimeout(noteTimer)
  noteTimer = setTimeout(() => (at('note').textContent = ''), NOTE_MS)
})

let isKnown = false
world.addEventListener('news', () => {
  // Whoever comes to a world with people in it sees the first of them.
  if (!world.people.has(state.user) && world.people.size)
    state.set({ user: world.people.keys().next().value, view: state.view })
  if (!isKnown && world.isThere) {
    isKnown = true
    learnTemplates().then(shows)
  }
  tabs()
})
state.addEventListener('change', tabs)
window.addEventListener('hashchange', () => {
  state.read()
  shows()
})

world.listen()
shows()
