// What `wx.request` and the calls of `wx.cloud` have in common: the phone may be offline, and an answer may be lost.

/** Sends, notes it, and calls back with what came of it. */
export async function carries(phone, { name, method, path, header, data, success, fail }, send) {
  const entry = { method, path, header, data, status: 0 }
  phone.requests.push(entry)
  if (phone.offline) return fail({ errMsg: `${name}:fail net::ERR_INTERNET_DISCONNECTED`, errno: 600003 })
  if (data !== undefined && typeof data !== 'string') throw new Error('this client sends its own JSON')
  const answer = await send()
  const lost = phone.lostAnswers.findIndex((pattern) => pattern.test(`${method} ${path.split('?')[0]}`))
  if (lost >= 0) {
    phone.lostAnswers.splice(lost, 1)
    return fail({ errMsg: `${name}:fail timeout`, errno: 5 })
  }
  entry.status = (answer.result ?? answer).statusCode
  for (const [pattern, amend] of phone.amends) if (pattern.test(`${method} ${path}`)) answer.data = amend(answer.data)
  success({ ...answer, errMsg: `${name}:ok` })
}

export function json(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
