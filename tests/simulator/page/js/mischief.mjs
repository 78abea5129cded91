// What goes wrong, by name: armed here, met by whoever comes by, and seen until then.

import { button, draw, h } from './dom.mjs'
import { state } from './state.mjs'
import { moment } from './times.mjs'
import { languageNow, say } from './words.mjs'
import { world } from './world.mjs'

const sends = (account) => `sends:${account}`
const times = (endpoint, fault) => (n) => [{ endpoint, fault, times: n }]
const lasting = (endpoints, fault, span) => () => endpoints.map((endpoint) => ({ endpoint, fault, for: span }))
const EVERY_CALL = [
  sends('mini_program'),
  sends('service_account'),
  '/cgi-bin/stable_token',
  '/sns/jscode2session',
  '/cgi-bin/user/info',
]

/** By name: what is planned, of how many times, for messages of which account. */
export const FAULTS = {
  lost_answer: { plan: (account) => times(sends(account), { drop_reply: true }), isSend: true },
  errcode_43101: { plan: (account) => times(sends(account), { errcode: 43101 }), isSend: true },
  errcode_45009: { plan: (account) => times(sends(account), { errcode: 45009 }), isSend: true },
  errcode_47003: { plan: (account) => times(sends(account), { errcode: 47003 }), isSend: true },
  wechat_down: { plan: () => lasting(EVERY_CALL, { http_status: 502 }, 'PT1H'), lasts: true },
  receipt_lost: {
    plan: (account) =>
      times(account === 'service_account' ? 'push:TEMPLATESENDJOBFINISH' : 'push:subscribe_msg_sent_event', {
        drop: true,
      }),
    isSend: true,
  },
  follow_lost: { plan: () => times('push:subscribe', { drop: true }) },
  crash_before: { plan: () => times('dynamodb:UpdateItem', { crash: 'before' }) },
  crash_after: { plan: () => times('dynamodb:UpdateItem', { crash: 'after' }) },
  user_blocks: { does: () => world.does(state.user, 'block'), needsUser: true },
  secret_reset: { does: (account) => world.tell(`/sim/accounts/${account}/revoke-token`), isSend: true },
}

let account = 'mini_program'
let count = 1

async function arms(name) {
  const fault = FAULTS[name]
  if (fault.does) {
    const answer = await fault.does(account)
    if (answer.ok) world.says(say('done_now', say(`fault_${name}`)))
    return
  }
  for (const planned of fault.plan(account)(count)) if (!(await world.tell('/sim/faults', planned)).ok) return
  world.says(say('armed_now', say(`fault_${name}`)))
}

async function clears() {
  await world.ask('/sim/faults', { method: 'DELETE' })
  world.says(say('cleared'))
}

/** A listed fault by the name it was armed under, where it has one. */
export function nameOf({ endpoint, fault }) {
  const key = JSON.stringify(fault)
  for (const [name, one] of Object.entries(FAULTS))
    for (const account of ['mini_program', 'service_account'])
      if (
        one
          .plan?.(account)(1)
          .some((planned) => planned.endpoint === endpoint && JSON.stringify(planned.fault) === key)
      )
        return say(`fault_${name}`)
  return key
}

export function armed() {
  return world.faults.map((one) =>
    h(
      'li',
      {},
      h('b', {}, nameOf(one)),
      ' ',
      h('code', {}, one.endpoint),
      ' ',
      h('span', { class: 'soft' }, one.until ? say('until', moment(one.until)) : say('times', one.times)),
    ),
  )
}

export function createMischief(panel) {
  const shows = () => {
    if (state.panel !== 'mischief') return
    draw(panel, ['mischief', languageNow(), world.faults, account, count, state.user, world.service_account], () => [
      h('p', { class: 'soft' }, say('mischief_intro')),
      h(
        'section',
        { class: 'armed', 'aria-label': say('armed') },
        h('h3', {}, say('armed')),
        world.faults.length
          ? [h('ul', {}, armed()), button(say('clear_all'), clears, { 'data-key': 'clear' })]
          : h('p', { class: 'soft' }, say('nothing_armed')),
      ),
      h(
        'div',
        { class: 'how' },
        h(
          'label',
          {},
          say('of_account'),
          ' ',
          h(
            'select',
            { 'data-key': 'account', onchange: (event) => (account = event.target.value) },
            ['mini_program', 'service_account']
              .filter((name) => name === 'mini_program' || world.service_account)
              .map((name) => h('option', { value: name, selected: name === account }, say(`sends_${name}`))),
          ),
        ),
        h(
          'label',
          {},
          say('how_often'),
          ' ',
          h(
            'select',
            { 'data-key': 'count', onchange: (event) => (count = Number(event.target.value)) },
            [1, 2, 3, 5, 10].map((n) => h('option', { value: n, selected: n === count }, say('times', n))),
          ),
        ),
      ),
      h(
        'ul',
        { class: 'menu-of-faults' },
        Object.entries(FAULTS).map(([name, fault]) =>
          h(
            'li',
            {},
            h('div', {}, h('b', {}, say(`fault_${name}`)), h('p', {}, say(`leads_${name}`))),
            button(say(fault.does ? 'do_it' : 'arm'), () => arms(name), {
              disabled: fault.needsUser && !world.people.has(state.user),
              'aria-label': `${say(fault.does ? 'do_it' : 'arm')}: ${say(`fault_${name}`)}`,
              'data-key': name,
            }),
          ),
        ),
      ),
    ])
  }
  world.addEventListener('news', shows)
  state.addEventListener('change', shows)
  return shows
}
