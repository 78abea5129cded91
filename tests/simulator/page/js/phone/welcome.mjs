// Before anybody has a phone.

import { button, h } from '../dom.mjs'
import { adds, freeName } from '../people.mjs'
import { state } from '../state.mjs'
import { say } from '../words.mjs'

export function welcome() {
  return h(
    'div',
    { class: 'welcome' },
    h('span', { class: 'app-icon big', 'aria-hidden': 'true' }),
    h('p', { class: 'big' }, say('welcome')),
    h('p', { class: 'soft' }, say('welcome_more')),
    button(say('pick_up'), () => adds(freeName()), { class: 'primary wide' }),
    button(say('see_scenes'), () => state.set({ panel: 'scenes' }), { class: 'wide' }),
  )
}
