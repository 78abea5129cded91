/**
 * Asks for one-time subscription messages, and reports the answers.
 *
 *     const saved = await reminders.create(draft, { key })     // in the tap
 *     if (saved.coverage.ask.includes('subscribe')) await subscriptions.ask(ids)
 *
 * An answer counts even if the network is gone: it is kept and reported later, under the same key.
 */

import { newKey } from './reminders.mjs'

/** @import { Asked, Me, PlatformFailure, Reminder } from '../index.js' */

/** Five today, three on phones that have not been updated. */
const TEMPLATES_PER_PROMPT_MAX = 3
const PENDING_KEY = 'reminders.pending_reports'
/** Who taps on without a network for that long has lost interest in the oldest. */
const PENDING_MAX = 20

/**
 * By `errCode` of a failed prompt; all others are the owner's to mend.
 * @type {Record<number, Asked['problem']>}
 */
const PROBLEMS = {
  10002: 'offline',
  10003: 'offline',
  10005: 'not_shown',
  20004: 'switched_off',
}

/** @type {import('../index.js').createSubscriptions} */
export function createSubscriptions(reminders) {
  const platform = reminders.platform

  /** @returns {{ key: string, results: Record<string, string> }[]} */
  function pending() {
    return platform.getStorageSync(PENDING_KEY) || []
  }

  /** What the API does not accept as a report is dropped. */
  async function reportPending() {
    for (const one of pending()) {
      try {
        await reminders.report(one.results, { key: one.key })
      } catch (error) {
        const { status } = /** @type {{ status?: number }} */ (error)
        if (status !== 400 && status !== 422) throw error
      }
      const others = pending().filter((other) => other.key !== one.key)
      platform.setStorageSync(PENDING_KEY, others)
    }
  }

  /**
   * @param {string[]} wanted
   * @returns {Promise<Asked>}
   */
  function ask(wanted) {
    const ids = wanted.slice(0, TEMPLATES_PER_PROMPT_MAX)
    if (ids.length === 0) return Promise.resolve(nothingAsked())
    // Before anything is awaited: WeChat shows a prompt only in a tap.
    return new Promise((/** @type {(asked: Promise<Asked> | Asked) => void} */ resolve) => {
      platform.requestSubscribeMessage({
        tmplIds: ids,
        success: (answers) => resolve(takeDown(ids, answers)),
        fail: (reason) => resolve(Object.assign(nothingAsked(), { problem: problemOf(reason) })),
      })
    })
  }

  /**
   * @param {string[]} ids
   * @param {Record<string, string>} answers
   */
  async function takeDown(ids, answers) {
    const asked = nothingAsked()
    /** @type {Record<string, string>} */
    const results = {}
    for (const id of ids) {
      const answer = answers[id]
      if (!answer) continue
      results[id] = answer
      if (isAccept(answer)) asked.accepted.push(id)
      else if (answer === 'reject') asked.rejected.push(id)
      else if (answer === 'ban') asked.banned.push(id)
      else if (answer === 'filter') asked.filtered.push(id)
    }
    platform.setStorageSync(PENDING_KEY, [...pending(), { key: newKey(), results }].slice(-PENDING_MAX))
    await reportPending().catch(() => {}) // it stays pending
    return asked
  }

  return {
    reportPending,
    ask,

    always(wanted) {
      return new Promise((resolve) => {
        if (!platform.getSetting) return resolve([])
        platform.getSetting({
          withSubscriptions: true,
          success: ({ subscriptionsSetting }) => {
            const { mainSwitch, itemSettings = {} } = subscriptionsSetting || {}
            resolve(mainSwitch ? wanted.filter((id) => isAccept(itemSettings[id] || '')) : [])
          },
          fail: () => resolve([]),
        })
      })
    },
  }
}

/** @returns {Asked} */
function nothingAsked() {
  return { accepted: [], rejected: [], banned: [], filtered: [], problem: '' }
}

/**
 * Also `acceptWithAudio`, `acceptWithAlert`.
 * @param {string} answer
 */
function isAccept(answer) {
  return answer.startsWith('accept')
}

/**
 * @param {PlatformFailure} reason
 * @returns {Asked['problem']}
 */
function problemOf({ errCode, errMsg }) {
  if (/TAP gesture/i.test(errMsg || '')) return 'no_tap'
  return PROBLEMS[Number(errCode)] || 'misconfigured'
}

/**
 * One prompt carries several, and an accept does not expire, so a question that is asked anyway may as well ask for all.
 * @type {import('../index.js').templateIds}
 */
export function templateIds(me, name) {
  const own = me.templates.filter((template) => template.name === name)
  const others = me.templates.filter((template) => template.name !== name)
  const ids = [...own, ...others].flatMap((template) => template.ask)
  return ids.filter((id, at) => ids.indexOf(id) === at)
}

/** @type {import('../index.js').missingCredits} */
export function missingCredits(me, reminders) {
  if (me.followed && !me.blocked) return 0
  const missing = me.templates.map(({ name, ask }) => {
    const own = reminders.filter((one) => one.template === name && one.state === 'active')
    const toCome = own.flatMap((one) => one.pushes).filter(isToCome).length
    const credits = ask.reduce((sum, id) => sum + (me.credits[id] || 0), 0)
    return ask.length ? Math.max(0, toCome - credits) : 0
  })
  return missing.reduce((sum, one) => sum + one, 0)
}

/** @param {import('../index.js').Push} push */
function isToCome(push) {
  return push.state === 'scheduled' || push.state === 'retrying'
}
