// The operator's console: the page of the local world without its phone. It only looks: `ask` takes no operation that
// changes anything; settings have a form of their own. Everything here is relative to the console's own address.

import { answered } from './behind.mjs'
import { setTheme } from './bar.mjs'
import { button, fill, h } from './dom.mjs'
import { newestFirst, reminderView } from './why/reminder.mjs'
import { languageNow, say, setLanguage } from './words.mjs'

const QUESTIONS = ['doctor', 'quota.show', 'stats', 'templates.list', 'settings.get']

setTheme()
const bar = document.getElementById('bar')
const main = document.getElementById('console')
const answer = h('section', { class: 'panel-body', 'aria-live': 'polite' })
let drawAnswer = () => []

async function ask(operation, about = {}) {
  const query = new URLSearchParams({ operation, ...about })
  try {
    const found = await fetch(`ask?${query}`)
    return await found.json()
  } catch (error) {
    return { error: String(error) }
  }
}

function shows(drawing) {
  drawAnswer = drawing
  fill(answer, drawing())
}

async function asks(name) {
  shows(() => h('p', { class: 'soft' }, '…'))
  const lang = languageNow()
  const body = await ask(name, name === 'doctor' ? { language: lang } : {})
  shows(() => answered({ name, body, lang }))
}

/** By an openid everything of that user; by a reminder's id the one reminder. */
async function why(text) {
  const sought = text.trim()
  if (!sought) return
  shows(() => h('p', { class: 'soft' }, '…'))
  const owner = await ask('user.find', { reminder: sought })
  const body =
    owner.openid && owner.id
      ? await ask('reminder.show', { openid: owner.openid, id: sought })
      : await ask('user.export', { openid: sought })
  const reminders = body.reminders ?? (body.pushes ? [body] : [])
  shows(() =>
    reminders.length ? newestFirst(reminders).map((one) => reminderView(one)) : answered({ name: 'user.show', body }),
  )
}

function draws() {
  const root = document.documentElement
  root.lang = languageNow() === 'zh' ? 'zh-CN' : 'en'
  document.title = say('console')
  const other = languageNow() === 'zh' ? 'en' : 'zh'
  const isDark = root.dataset.theme === 'dark'
  fill(
    bar,
    h('div', { class: 'clock' }, h('h1', {}, say('console'))),
    h('span', { class: 'next' }, say('console_looks')),
    h('span'),
    h(
      'div',
      { class: 'settings' },
      button(other === 'en' ? 'English' : '中文', () => (setLanguage(other), draws()), {
        lang: other === 'en' ? 'en' : 'zh-CN',
      }),
      button(isDark ? '☀' : '☾', () => (setTheme(isDark ? 'light' : 'dark'), draws()), {
        'aria-label': say(isDark ? 'light' : 'dark'),
        class: 'round',
      }),
    ),
  )
  const sought = h('input', {
    name: 'sought',
    type: 'search',
    'aria-label': say('console_sought'),
    placeholder: say('console_sought'),
    size: 34,
    value: main.querySelector('[name=sought]')?.value ?? '',
  })
  fill(
    main,
    h(
      'section',
      { class: 'asking' },
      h(
        'form',
        { class: 'add', onsubmit: (event) => (event.preventDefault(), why(sought.value)) },
        sought,
        h('button', { class: 'primary' }, say('panel_why')),
      ),
      h(
        'div',
        { class: 'questions' },
        QUESTIONS.map((name) => button(say(`op_${name}`), () => asks(name))),
        h('a', { href: 'settings' }, say('console_settings')),
      ),
    ),
    answer,
  )
  fill(answer, drawAnswer())
}

draws()
