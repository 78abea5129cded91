// The story of one push as a picture of who told whom: schedule, plan, claim, WeChat, receipt; and what it cost.

import { h, svg } from '../dom.mjs'
import { second } from '../times.mjs'
import { languageNow, say } from '../words.mjs'

const LANES = ['scheduler', 'dispatch', 'table', 'wechat', 'phone']
const WIDTH = 620
const ROW_PX = 34
const TOP_PX = 44
const x = (lane) => 60 + LANES.indexOf(lane) * ((WIDTH - 120) / (LANES.length - 1))
const SERVICES = { dynamodb: 'table', scheduler: 'scheduler', wechat: 'wechat', ssm: 'table' }
const SENDS = /\/send$/

/** The steps of a push: what its reminder's timeline tells, and the requests dispatch made for it meanwhile. */
export function steps(reminder, push, requests) {
  const told = reminder.timeline.filter((one) => one.push === push.n)
  const fires = push.fires_at
  const others = reminder.pushes.filter((one) => one.n !== push.n).map((one) => Date.parse(one.fires_at))
  const from = Date.parse(fires)
  const to = Math.min(...others.filter((at) => at > from), Infinity)
  const mine = requests.filter(({ at }) => Date.parse(at) >= from - 60_000 && Date.parse(at) < to - 60_000)
  const found = [
    {
      at: reminder.created_at,
      from: 'dispatch',
      to: 'scheduler',
      text: say('step_planned', second(fires)),
      kind: 'note',
    },
  ]
  let last = ''
  for (const request of mine) {
    if (request.at !== last) found.push({ at: request.at, from: 'scheduler', to: 'dispatch', text: say('step_wakes') })
    last = request.at
    found.push(...arrows(request))
  }
  for (const one of told.filter((entry) => entry.event === 'delivered'))
    found.push(
      { at: one.at, from: 'wechat', to: 'dispatch', text: say('step_receipt'), kind: 'good' },
      { at: one.at, from: 'dispatch', to: 'table', text: say('push_delivered'), kind: 'good' },
    )
  return { found: found.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)), mine }
}

function arrows(request) {
  const lane = SERVICES[request.service] ?? 'table'
  const isOk = request.outcome === 'ok'
  const verb =
    request.service === 'wechat' ? request.operation.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '') : request.operation
  const units =
    request.read_units || request.write_units
      ? ` (${[request.read_units && `${request.read_units} R`, request.write_units && `${request.write_units} W`].filter(Boolean).join(' ')})`
      : ''
  const all = [
    {
      at: request.at,
      from: 'dispatch',
      to: lane,
      text: verb + units + (isOk ? '' : ` → ${request.outcome}`),
      kind: isOk ? '' : 'bad',
    },
  ]
  if (isOk && SENDS.test(request.operation))
    all.push({ at: request.at, from: 'wechat', to: 'phone', text: say('step_arrives'), kind: 'good' })
  return all
}

export function sequence(reminder, push, requests) {
  const { found, mine } = steps(reminder, push, requests)
  const total = (name) => mine.reduce((sum, one) => sum + (one[name] ?? 0), 0)
  const height = TOP_PX + found.length * ROW_PX + 20
  const picture = svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height}`, class: 'sequence', 'aria-hidden': 'true' },
    LANES.map((lane) => [
      svg('line', { x1: x(lane), x2: x(lane), y1: 30, y2: height - 8, class: 'lane' }),
      svg('text', { x: x(lane), y: 18, 'text-anchor': 'middle', class: 'head' }, say(`lane_${lane}`)),
    ]),
    found.map((step, n) => arrow(step, TOP_PX + n * ROW_PX + 16)),
  )
  return h(
    'figure',
    { class: 'story' },
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': say('story_of', push.n) }, picture),
    h(
      'figcaption',
      {},
      mine.length
        ? say(
            'cost',
            mine.length,
            total('read_units'),
            total('write_units'),
            mine.filter((one) => one.service === 'wechat').length,
          )
        : say('not_yet'),
    ),
    h(
      'details',
      { 'data-key': `text-${reminder.id}-${push.n}` },
      h('summary', {}, say('as_text')),
      h(
        'ol',
        {},
        found.map((step) =>
          h(
            'li',
            {},
            `${second(step.at)} · ${say(`lane_${step.from}`)} → ${say(`lane_${step.to}`)}${languageNow() === 'zh' ? '：' : ': '}${step.text}`,
          ),
        ),
      ),
    ),
  )
}

function arrow({ from, to, text, kind = '' }, y) {
  const [a, b] = [x(from), x(to)]
  const way = b > a ? 1 : -1
  return svg(
    'g',
    { class: `arrow ${kind}` },
    svg('line', { x1: a, x2: b - way * 7, y1: y, y2: y }),
    svg('path', { d: `M${b} ${y}l${-way * 8} -4v8z` }),
    svg(
      'text',
      { x: Math.min(Math.max((a + b) / 2, 90), WIDTH - 90), y: y - 6, 'text-anchor': 'middle' },
      text.length > 46 ? `${text.slice(0, 45)}…` : text,
    ),
  )
}
