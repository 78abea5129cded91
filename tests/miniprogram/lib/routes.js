/**
 * The pages of this mini program that are opened from outside.
 */

const ITEM_PAGE = 'pages/item/item'

/**
 * What a message about an item opens. The API's id is not known when this is registered, so the item has an identity of
 * its own.
 */
function itemPage(item) {
  return ITEM_PAGE + '?item=' + encodeURIComponent(item)
}

/** The item that a registered page is about. */
function itemOf(page) {
  const value = page && page.startsWith(ITEM_PAGE + '?item=') ? page.slice(ITEM_PAGE.length + 6) : ''
  return decodeURIComponent(value)
}

/**
 * For `bindcontact`: a card that was tapped in the customer-service session. WeChat resumes the mini program where it
 * was, and leaves it to us to go where the card points.
 */
function openCard(event) {
  const { path, query } = event.detail
  if (!path) return
  const pairs = Object.keys(query || {}).map((name) => name + '=' + query[name])
  const url = '/' + path.replace(/^\//, '') + (pairs.length && !path.includes('?') ? '?' + pairs.join('&') : '')
  // Ten pages may be open; then this one makes room.
  wx.navigateTo({ url, fail: () => wx.redirectTo({ url }) })
}

module.exports = { itemPage, itemOf, openCard }
