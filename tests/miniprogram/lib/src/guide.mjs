/**
 * The ways to follow the service account: which of them work here, and how the ones behind a button are opened
 * (docs/wechat.md §12). None of them tells that the user followed: ask `me()` again when the page is shown.
 */

/** @import { Me, Platform, Way } from '../index.js' */

/** @type {Way[]} */
const WAYS = ['official_account', 'profile', 'qrcode', 'article', 'contact']

/** @type {import('../index.js').hasContact} */
export function hasContact(platform) {
  return !platform.getDeviceInfo || platform.getDeviceInfo().platform !== 'ohos'
}

/** @type {import('../index.js').waysToFollow} */
export function waysToFollow(me, platform, refused = []) {
  const known = me.guide.methods.filter((one) => isWay(one))
  const works = known.filter((way) => !refused.includes(way) && worksHere(way, me, platform))
  // A conversation is the longest way, and the one that reviewers look at (docs/wechat.md §14.16).
  return [...works.filter((way) => way !== 'contact'), ...works.filter((way) => way === 'contact')]
}

/**
 * @param {string} name
 * @returns {name is Way}
 */
function isWay(name) {
  return WAYS.includes(/** @type {Way} */ (name))
}

/**
 * @param {Way} way
 * @param {Me} me
 * @param {Platform} platform
 */
function worksHere(way, me, platform) {
  if (way === 'profile') return Boolean(me.guide.profile && platform.openOfficialAccountProfile)
  if (way === 'article') return Boolean(me.guide.article_url)
  if (way === 'contact') return Boolean(me.guide.contact) && hasContact(platform)
  return true
}

/** @type {import('../index.js').openProfile} */
export function openProfile(me, platform) {
  return new Promise((resolve) => {
    if (!me.guide.profile || !platform.openOfficialAccountProfile) return resolve(false)
    const { username } = me.guide.profile
    platform.openOfficialAccountProfile({ username, success: () => resolve(true), fail: () => resolve(false) })
  })
}

/** @type {import('../index.js').openArticle} */
export function openArticle(me, platform) {
  return new Promise((resolve) => {
    if (!me.guide.article_url || !platform.openOfficialAccountArticle) return resolve(false)
    const url = me.guide.article_url
    platform.openOfficialAccountArticle({ url, success: () => resolve(true), fail: () => resolve(false) })
  })
}
