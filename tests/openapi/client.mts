// A client made from the description alone, spoken to by a program: what does not fit its types does not compile.
//
//   node build/client.mjs API CODE     the API's address, and a code that wx.login gave

import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'

import type { components, paths } from './build/api.js'

type Reminder = components['schemas']['ReminderView']
type Problem = components['schemas']['Problem']

const [baseUrl, code] = process.argv.slice(2)
assert(baseUrl && code, 'usage: node build/client.mjs API CODE')

const stranger = createClient<paths>({ baseUrl })
const login = await stranger.POST('/login', { body: { code } })
assert(login.data, problem(login.error))
const api = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${login.data.token}` } })

const me = await api.GET('/me', { params: { query: { scene: 1047, platform: 'ohos' } } })
assert(me.data, problem(me.error))
const method: components['schemas']['FollowWay'] | undefined = me.data.guide.methods[0]
assert.equal(method, 'official_account')
assert(!me.data.guide.methods.includes('contact'), 'HarmonyOS has no contact button')
const template = me.data.templates[0]
assert(template, 'the local world has a template')

const wished = await api.PATCH('/me', {
  body: { default_pushes: [{ days_before: 7, time: '09:00' }], prefer: ['mini_subscription'] },
})
assert(wished.data, problem(wished.error))
assert.deepEqual(wished.data.prefer, ['mini_subscription'])

const accepted = Object.fromEntries(template.ask.map((id) => [id, 'accept']))
const reported = await api.POST('/subscriptions', { body: { results: accepted } })
assert(reported.data, problem(reported.error))

const kept = await api.POST('/reminders', {
  params: { header: { 'Idempotency-Key': 'one' } },
  body: {
    template: template.name,
    title: '护照',
    expires_on: '2031-03-01',
    repeat: { every: 'P10Y' },
    pushes: [{ months_before: 6, time: '09:00' }, { days_before: 0, time: '10:00' }],
  },
})
assert(kept.data, problem(kept.error))
const reminder: Reminder = kept.data
const state: components['schemas']['PushState'] | undefined = reminder.pushes[0]?.state
assert.equal(state, 'scheduled')
const path = { id: reminder.id }

const read = await api.GET('/reminders/{id}', { params: { path } })
assert(read.data, problem(read.error))
assert.deepEqual(read.data.timeline?.map((entry) => entry.event), ['registered', 'planned', 'planned'])

const listed = await api.GET('/reminders', { params: { query: { state: 'active', limit: 10 } } })
assert(listed.data, problem(listed.error))
assert.deepEqual(listed.data.reminders.map(({ id }) => id), [reminder.id])

const snoozed = await api.POST('/reminders/{id}/snooze', { params: { path }, body: { for: 'P1D' } })
assert(snoozed.data, problem(snoozed.error))
assert.equal(snoozed.data.pushes.at(-1)?.snoozed, true)

const header = { 'If-Match': `"${snoozed.data.revision}"` }
const { template: name } = snoozed.data
const pushes = reminder.pushes.flatMap(({ days_before, time }) =>
  days_before === undefined || time === undefined ? [] : [{ days_before, time }],
)
const renewed = await api.PUT('/reminders/{id}', {
  params: { path, header },
  body: { template: name, title: '护照（新）', expires_on: '2041-03-01', pushes },
})
assert(renewed.data, problem(renewed.error))

// What is wrong is named by field, code and numbers.
const refused = await api.POST('/reminders', {
  body: { template: template.name, title: '', expires_on: '2031-02-30', pushes: [] },
})
assert(refused.error, 'an empty title is taken')
const faults = (refused.error.errors ?? []).map(({ field, code, params }) => [field, code, params])
assert.deepEqual(faults, [
  ['title', 'length', { min: 1, max: 200, found: 0 }],
  ['expires_on', 'format', { wanted: 'day' }],
  ['pushes', 'count', { min: 1, max: 3, found: 0 }],
])

const done = await api.POST('/reminders/{id}/done', { params: { path } })
assert(done.data, problem(done.error))
assert.equal(done.data.state, 'done')
const reopened = await api.POST('/reminders/{id}/reopen', { params: { path } })
assert(reopened.data, problem(reopened.error))
const deleted = await api.DELETE('/reminders/{id}', { params: { path } })
assert.equal(deleted.response.status, 204)
const forgotten = await api.DELETE('/me')
assert.equal(forgotten.response.status, 204)
const unknown = await api.GET('/me')
assert.equal(unknown.error?.code, 'unauthorized')

console.log('a client made from the description keeps, reads, snoozes, renews, ends and forgets')

function problem(error: Problem | undefined): string {
  return error ? `${error.status} ${error.code}: ${error.detail} ${JSON.stringify(error.errors ?? [])}` : 'no answer'
}
