/**
 * The pages of this mini program that are opened from outside. The sample's own, and no part of the client.
 */

const ITEM_PAGE = 'pages/item/item'
/** The API puts the reminder's own id in its place. */
const OWN_ID = '{reminder_id}'

/**
 * What a message about an item opens: the item, with one button to say that it is handled. The item has an identity of its
 * own beside the API's id, by which it is found when the answer to its registration was lost.
 */
function itemPage(item) {
  return ITEM_PAGE + '?item=' + encodeURIComponent(item) + '&id=' + OWN_ID + '&act=done'
}

/** The item that a registered page is about. */
function itemOf(page) {
  const [, value = ''] = /[?&]item=([^&]*)/.exec(page || '') || []
  return decodeURIComponent(value)
}

/** What an item's page was opened with: the reminder's id or, failing that, the item; and what the user may want to do. */
function readItemQuery(query) {
  // WeChat hands the query over as it stands in the address.
  const id = decodeURIComponent(query.id || '')
  return {
    id: id === OWN_ID ? '' : id,
    item: decodeURIComponent(query.item || ''),
    act: query.act === 'done' || query.act === 'snooze' ? query.act : '',
  }
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

module.exports = { itemPage, itemOf, readItemQuery, openCard }
