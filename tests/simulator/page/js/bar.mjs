// The time, always in reach: now, what comes next, and every way to move on.

import { button, draw, fill, h } from './dom.mjs'
import { clock, day, fromLocalValue, localValue, until, weekday } from './times.mjs'
import { languageNow, say, setLanguage } from './words.mjs'
import { world } from './world.mjs'

const STEPS = [
  ['PT1M', 'plus_minute'],
  ['PT1H', 'plus_hour'],
  ['P1D', 'plus_day'],
  ['P7D', 'plus_week'],
  ['P30D', 'plus_month'],
]
/** Seconds of the world in one. */
const SPEEDS = [0, 1, 60, 3600, 86_400]

let busy = false

async function moves(body) {
  busy = true
  world.says(say('running'))
  world.dispatchEvent(new Event('news'))
  const answer = await world.tell('/sim/clock', body)
  busy = false
  if (answer.ok && answer.body.fired !== undefined) world.says(say('ran', answer.body.fired))
  world.dispatchEvent(new Event('news'))
}

/** To just after it: receipts come a second later. */
function toNextPush() {
  return moves({ advance_to: new Date(Date.parse(world.next_push.at) + 2000).toISOString() })
}

/** What an event is, and how long it is until then. */
function nextText(next) {
  if (!next) return say('next_nothing')
  const who = world.byOpenid(next.openid)?.name
  const what = next.what === 'push' && who ? say('next_push_of', who) : say(`next_${next.what}`)
  return `${what} · ${until(next.at, world.now)}`
}

/** The next event of all, and the next push, which is what one waits for. */
function upcoming() {
  if (!world.isThere) return h('span', {}, say('no_answer'))
  const line = (name, next) => h('span', {}, `${say(name)} `, h('b', {}, nextText(next)))
  return [line('next_push', world.next_push), line('next_event', world.next)]
}

export function createBar(bar, redrawAll) {
  const now = h('time', { class: 'now' })
  const on = h('span', { class: 'day' })
  const next = h('span', { class: 'next' })
  const controls = h('div', { class: 'controls', role: 'group' })
  const settings = h('div', { class: 'settings' })
  fill(bar, h('div', { class: 'clock' }, h('h1', {}, say('title')), now, on), next, controls, settings)

  const tick = () => {
    const at = world.time()
    now.textContent = world.now ? clock(at) : '…'
    on.textContent = world.now ? `${day(at)} ${weekday(at)}` : ''
  }
  setInterval(tick, 250)

  const shows = () => {
    tick()
    bar.classList.toggle('gone', !world.isThere)
    draw(next, [languageNow(), world.isThere, nextText(world.next), nextText(world.next_push)], upcoming)
    controls.setAttribute('aria-label', say('time'))
    draw(controls, [languageNow(), world.pace, world.play, busy, Boolean(world.next_push)], moving)
    draw(settings, [languageNow(), document.documentElement.dataset.theme], () => choices(redrawAll, shows))
  }
  world.addEventListener('news', shows)
  shows()
  return () => {
    fill(bar.querySelector('h1'), say('title'))
    shows()
  }
}

function moving() {
  if (world.pace === 'real') return [h('span', { class: 'soft' }, say('real_pace'))]
  const speed = h(
    'select',
    {
      'aria-label': say('speed'),
      'data-key': 'speed',
      onchange: (event) => moves({ play: Number(event.target.value) }),
    },
    SPEEDS.map((rate) => h('option', { value: rate, selected: rate === world.play }, say(`speed_${rate}`))),
  )
  const to = h('input', {
    type: 'datetime-local',
    'aria-label': say('jump_to'),
    value: localValue(world.now || Date.now()),
    'data-key': 'to',
  })
  const more = h(
    'details',
    { class: 'more', 'data-key': 'more', ontoggle: () => (to.value = localValue(world.time())) },
    h('summary', { title: say('more_time') }, say('more_time')),
    h(
      'div',
      { class: 'drop' },
      STEPS.map(([span, name]) =>
        button(say(name), () => moves({ advance: span }), { disabled: busy, 'data-key': span }),
      ),
      h(
        'form',
        {
          class: 'jump',
          onsubmit: (event) => (event.preventDefault(), moves({ advance_to: fromLocalValue(to.value) })),
        },
        to,
        h('button', { disabled: busy }, say('jump')),
      ),
    ),
  )
  return [
    button(say('next_push'), toNextPush, {
      class: 'primary',
      disabled: busy || !world.next_push,
      'data-key': 'next-push',
    }),
    button(world.play ? '❚❚' : '▶', () => moves({ play: world.play ? 0 : 1 }), {
      'aria-label': say(world.play ? 'stop' : 'play'),
      class: 'round',
      'data-key': 'play',
    }),
    speed,
    h(
      'span',
      { class: 'steps' },
      STEPS.map(([span, name]) =>
        button(say(name), () => moves({ advance: span }), { disabled: busy, 'data-key': `wide-${span}` }),
      ),
    ),
    more,
  ]
}

function choices(redrawAll, shows) {
  const root = document.documentElement
  const language = button(
    languageNow() === 'zh' ? 'English' : '中文',
    () => {
      setLanguage(languageNow() === 'zh' ? 'en' : 'zh')
      redrawAll()
    },
    { lang: languageNow() === 'zh' ? 'en' : 'zh-CN', 'data-key': 'language' },
  )
  const isDark = root.dataset.theme === 'dark'
  const theme = button(
    isDark ? '☀' : '☾',
    () => {
      setTheme(isDark ? 'light' : 'dark')
      shows()
    },
    { 'aria-label': say(isDark ? 'light' : 'dark'), class: 'round', 'data-key': 'theme' },
  )
  return [language, theme]
}

export function setTheme(theme) {
  if (theme) localStorage.setItem('theme', theme)
  const wanted =
    localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  document.documentElement.dataset.theme = wanted
  window.dispatchEvent(new Event('theme'))
}
