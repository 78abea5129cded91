/**
 * Asks for one-time subscription messages, and reports the answers. Copy it together with `reminders.js`.
 *
 *     const asking = subscriptions.ask(ids)     // first thing in a tap handler, nothing awaited before it
 *     const asked = await asking
 *     if (asked.accepted.length === 0) …
 *
 * An answer counts even if the network is gone: it is kept and reported later, under the same key.
 */

const { newKey } = require('./reminders.js')

/** Five today, three on phones that have not been updated. */
const TEMPLATES_PER_PROMPT_MAX = 3
const PENDING_KEY = 'reminders.pending_reports'
/** Who taps on without a network for that long has lost interest in the oldest. */
const PENDING_MAX = 20

/**
 * What the user answered. A template is in one list, or in none if the prompt could not be shown.
 * @typedef {Object} Asked
 * @property {string[]} accepted each entitles to one message
 * @property {string[]} rejected by the user
 * @property {string[]} banned by WeChat: the template may not be used any more
 * @property {string[]} filtered by WeChat: another one with the same title is in the prompt
 * @property {'' | 'switched_off' | 'not_shown' | 'misconfigured' | 'offline'} problem why no prompt was shown:
 *   `switched_off`, the user switched all of them off in the settings; `misconfigured`, the templates are wrong
 */

/** By `errCode` of a failed prompt; all others are the owner's to mend. */
const PROBLEMS = {
  10002: 'offline',
  10003: 'offline',
  10005: 'not_shown',
  20004: 'switched_off',
}

/**
 * @param {ReturnType<typeof import('./reminders.js').createReminders>} reminders
 * @param {{ wx?: WechatMiniprogram.Wx }} [options]
 */
function createSubscriptions(reminders, options) {
  const platform = (options && options.wx) || wx

  /** @returns {{ key: string, results: Object<string, string> }[]} */
  function pending() {
    return platform.getStorageSync(PENDING_KEY) || []
  }

  /** Reports what is still to be reported. What the API does not accept as a report is dropped. */
  async function reportPending() {
    for (const one of pending()) {
      try {
        await reminders.report(one.results, { key: one.key })
      } catch (error) {
        if (error.status !== 400 && error.status !== 422) throw error
      }
      platform.setStorageSync(
        PENDING_KEY,
        pending().filter((other) => other.key !== one.key),
      )
    }
  }

  return {
    reportPending,

    /**
     * Shows the prompt and reports the answer. It does not fail: what went wrong is `problem`.
     *
     * WeChat shows a prompt only while a tap is being handled, so call it before anything is awaited.
     * @param {string[]} wanted see `templateIds()`
     * @returns {Promise<Asked>}
     */
    ask(wanted) {
      /** @type {Asked} */
      const asked = { accepted: [], rejected: [], banned: [], filtered: [], problem: '' }
      const ids = wanted.slice(0, TEMPLATES_PER_PROMPT_MAX)
      if (ids.length === 0) return Promise.resolve(asked)
      return new Promise((resolve) => {
        platform.requestSubscribeMessage({
          tmplIds: ids,
          success: (answers) => resolve({ answers }),
          fail: (reason) => resolve({ reason }),
        })
      }).then(async ({ answers, reason }) => {
        if (reason) {
          asked.problem = PROBLEMS[reason.errCode] || 'misconfigured'
          return asked
        }
        const results = {}
        for (const id of ids) {
          const answer = answers[id]
          if (!answer) continue
          results[id] = answer
          if (answer.startsWith('accept'))
            asked.accepted.push(id) // also acceptWithAudio, acceptWithAlert
          else if (answer === 'reject') asked.rejected.push(id)
          else if (answer === 'ban') asked.banned.push(id)
          else if (answer === 'filter') asked.filtered.push(id)
        }
        platform.setStorageSync(PENDING_KEY, [...pending(), { key: newKey(), results }].slice(-PENDING_MAX))
        await reportPending().catch(() => {}) // it stays pending
        return asked
      })
    },
  }
}

/**
 * What to ask for about a template: its own ids first, then those of the others. One prompt carries several, and an
 * accept does not expire, so a question that is asked anyway may as well ask for all.
 * @param {import('./reminders.js').Me} me
 * @param {string} name
 */
function templateIds(me, name) {
  const own = me.templates.filter((template) => template.name === name)
  const others = me.templates.filter((template) => template.name !== name)
  const ids = [].concat(...[...own, ...others].map((template) => template.ask))
  return ids.filter((id, at) => ids.indexOf(id) === at)
}

module.exports = { createSubscriptions, templateIds }
