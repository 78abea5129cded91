// The list of scenes: each sets the world up in one click, says what to watch, and has an address to share.

import { button, draw, h } from '../dom.mjs'
import { state } from '../state.mjs'
import { languageNow, say } from '../words.mjs'
import { world } from '../world.mjs'
import { SCENES } from './list.mjs'
import { Tour } from './tour.mjs'

export function createScenes(panel, phone) {
  const tour = new Tour()
  let running = ''
  let failure = ''

  async function sets(name) {
    if (running) return
    running = name
    failure = ''
    shows()
    try {
      await SCENES[name]((n) => world.says(say('setting_up', n)))
      world.says(say('is_set', say(`scene_${name}`)))
      state.set({ scene: name })
    } catch (error) {
      failure = String(error.message ?? error)
    }
    running = ''
    shows()
  }

  function scene(name) {
    const isChosen = state.scene === name
    return h(
      'li',
      { class: isChosen ? 'chosen' : '' },
      h('div', {}, h('b', {}, say(`scene_${name}`)), h('p', {}, say(`watch_${name}`))),
      h(
        'div',
        { class: 'acts' },
        button(say(running === name ? 'setting_up_now' : 'set_up'), () => sets(name), {
          class: isChosen ? 'primary' : '',
          disabled: Boolean(running),
          'aria-label': `${say('set_up')}: ${say(`scene_${name}`)}`,
          'data-key': name,
        }),
        h('a', { href: `/?scene=${name}`, 'aria-label': `${say('address')}: ${say(`scene_${name}`)}` }, say('address')),
      ),
    )
  }

  function shows() {
    if (state.panel !== 'scenes') return
    const steps = tour.steps(phone)
    draw(panel, ['scenes', languageNow(), steps, running, failure, state.scene], () => [
      h('h3', {}, say('tour')),
      h('p', { class: 'soft' }, say('tour_intro')),
      h(
        'ol',
        { class: 'tour' },
        steps.map(({ name, isDone, isNext }) =>
          h(
            'li',
            { class: isDone ? 'done' : isNext ? 'next' : '', 'aria-current': isNext ? 'step' : undefined },
            say(`step_${name}`),
            isDone ? h('span', { class: 'seen-by-readers' }, ` ${say('done')}`) : null,
          ),
        ),
      ),
      h('h3', {}, say('scenes')),
      failure ? h('p', { class: 'problem', role: 'alert' }, failure) : null,
      h('ul', { class: 'scenes' }, Object.keys(SCENES).map(scene)),
    ])
  }
  world.addEventListener('news', shows)
  state.addEventListener('change', shows)
  setInterval(shows, 700)
  return shows
}
