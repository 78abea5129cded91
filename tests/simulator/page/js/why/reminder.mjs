// A reminder, its pushes and why each came or did not, in plain words. It asks nobody: the operator's console shows it, too.

import { button, h } from '../dom.mjs'
import { day, moment, second } from '../times.mjs'
import { known, languageNow, say } from '../words.mjs'
import { sequence } from './sequence.mjs'

export const newestFirst = (reminders) => [...reminders].sort((a, b) => b.created_at.localeCompare(a.created_at))

/** Of a whole day that day, not the midnight after it. */
const expiry = ({ expires_on, expires_at }) => (expires_on ? day(`${expires_on}T12:00:00+08:00`) : moment(expires_at))

/**
 * `one` is what `reminder.show` answers. `opens(push)` shows the story of a push, where there is one; `open` is the push whose
 * story is shown, with its requests.
 */
export function reminderView(one, { coverage, open, opens } = {}) {
  return h(
    'article',
    { class: 'reminder' },
    h(
      'header',
      {},
      h('h3', { lang: 'zh-CN' }, one.item.title),
      h('span', { class: `badge ${one.state === 'active' ? 'good' : ''}` }, say(`state_${one.state}`)),
      h('span', { class: 'soft' }, say('expires', expiry(one.item))),
    ),
    covered(coverage),
    h(
      'ol',
      { class: 'pushes' },
      one.pushes.map((push) => pushView(one, push, open, opens)),
    ),
    h(
      'details',
      { 'data-key': `timeline-${one.id}` },
      h('summary', {}, say('what_happened', one.timeline.length)),
      h('ol', { class: 'timeline' }, one.timeline.map(entry)),
    ),
  )
}

function pushView(reminder, push, open, opens) {
  const isOpen = open?.push === push.n
  const next =
    push.next_look_at && push.next_look_at !== push.fires_at ? say('looked_at_again', moment(push.next_look_at)) : null
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'push' },
      h('span', { class: `dot ${push.state}`, 'aria-hidden': 'true' }),
      h(
        'span',
        { class: 'what' },
        h('b', {}, say('push_n', push.n)),
        ' ',
        h('time', {}, moment(push.fires_at)),
        ' ',
        h('span', { class: `badge ${tone(push.state)}` }, say(`push_${push.state}`)),
        push.channel ? h('span', { class: 'soft' }, ` ${say(`channel_${push.channel}`)}`) : null,
      ),
      opens
        ? button(say(isOpen ? 'hide_story' : 'show_story'), () => opens(push), {
            class: 'link',
            'aria-expanded': String(isOpen),
            'data-key': `story-${reminder.id}-${push.n}`,
          })
        : null,
    ),
    push.reason ? h('p', { class: 'reason' }, reasonText(push.reason)) : null,
    mend(push),
    next ? h('p', { class: 'soft small' }, next) : null,
    isOpen ? sequence(reminder, push, open.requests) : null,
  )
}

const TONES = { delivered: 'good', sent: 'good', undeliverable: 'bad', unknown: 'warn', retrying: 'warn' }
const tone = (name) => TONES[name] ?? ''

/** Each of the reasons that have a name in plain words; the text of a failure stays as it is. */
function reasonText(reason) {
  return reason
    .split(', ')
    .map(
      (one) =>
        known(`reason_${one}`) ??
        (one.endsWith('_refused')
          ? say('reason_refused', say(`channel_${one.replace(/_refused$/, '')}`))
          : errcodeText(one)),
    )
    .join(languageNow() === 'zh' ? '；' : '; ')
}

/** `service_template: 43101 the user has not …`: what the code means, in the reader's language. */
function errcodeText(text) {
  const [, channel, code] = /^(\w+): (\d{5})/.exec(text) ?? []
  const meaning = code && known(`errcode_${code}`)
  return meaning ? `${say(`channel_${channel}`)}：${code} ${meaning}` : text
}

function mend(push) {
  if (push.state !== 'undeliverable') return null
  const ways = [/not_following|not_linked/, /no_credit|no_subscription/]
    .map((cause, n) => cause.test(push.reason ?? '') && say(n ? 'mend_subscribe' : 'mend_follow'))
    .filter(Boolean)
  return ways.length
    ? h('p', { class: 'mend' }, `${say('mend')} ${ways.join(languageNow() === 'zh' ? '，或' : ', or ')}`)
    : null
}

function covered(known) {
  if (!known) return null
  const { pushes, covered, uncertain, reported, resting, ask } = known
  if (!pushes && !resting) return null
  const bar = h(
    'span',
    { class: 'meter', role: 'img', 'aria-label': say('coverage', pushes, covered) },
    Array.from({ length: pushes }, (_, n) => h('span', { class: n < covered ? 'on' : '' })),
  )
  const more = [
    uncertain && say('of_these_uncertain', uncertain),
    reported && say('of_these_reported', reported),
    resting && say('resting', resting),
  ].filter(Boolean)
  return h(
    'div',
    { class: 'coverage' },
    bar,
    h('span', {}, say('coverage', pushes, covered)),
    more.length ? h('span', { class: 'soft' }, more.join(' · ')) : null,
    ask?.length
      ? h('span', { class: 'mend' }, `${say('mend')} ${ask.map((one) => say(`ask_${one}`)).join(' / ')}`)
      : null,
  )
}

function entry({ at, push, event, detail, errmsg }) {
  const channel = /^(service_template|mini_subscription|service_notification)\b/.exec(detail ?? '')?.[1]
  return h(
    'li',
    {},
    h('time', {}, second(at)),
    h(
      'span',
      {},
      push ? `${say('push_n', push)} · ` : '',
      known(`event_${event}`) ?? known(`push_${event}`) ?? event,
      channel ? ` · ${say(`channel_${channel}`)}` : '',
      detail ? h('span', { class: 'soft small', lang: 'en' }, ` ${detail}`) : null,
      errmsg ? h('code', {}, ` ${errmsg}`) : null,
    ),
  )
}
