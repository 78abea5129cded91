// A relay between a mini program without a domain and the Reminder API: runs in a Tencent cloud environment of the mini
// program's owner, as a CloudBase function or as a container, and passes on what it is asked (docs/deploy.md §6).
//
// It knows nothing of reminders, and keeps and repeats nothing. What WeChat adds to a call (openid, unionid, addresses)
// stays here: the API has its own login.

const http = require('node:http')

/** Where the API is, without a slash at the end; and what its secrets have as `origin_secret`, if they have one. */
const { API_URL, ORIGIN_SECRET, PORT = '9000' } = process.env
/** Before the container's call ends, which WeChat lets take fifteen seconds. */
const TIMEOUT_MS = Number(process.env.TIMEOUT_MS || 12000)
/** The API reads no longer body. */
const BODY_BYTES_MAX = 64 * 1024
/** What the API reads. */
const ASKED_WITH = ['authorization', 'content-type', 'idempotency-key', 'if-match']
/** Of one connection, or of the bytes as they travelled. */
const NOT_PASSED_BACK = ['connection', 'content-encoding', 'content-length', 'date', 'keep-alive', 'transfer-encoding']

if (!/^https?:\/\/[^/]+$/.test(API_URL || '')) throw new Error('API_URL must be https://HOST, without a path')

/** One request, one answer; also one for what was not answered, which the mini program may repeat. */
async function pass({ method = 'GET', path, header, data }) {
  if (typeof path !== 'string' || !path.startsWith('/')) return problem(400, 'bad_request', 'path must begin with /')
  const asked = Object.entries(header || {}).filter(([name]) => ASKED_WITH.includes(name.toLowerCase()))
  const headers = Object.fromEntries(ORIGIN_SECRET ? [...asked, ['X-Origin-Secret', ORIGIN_SECRET]] : asked)
  const body = method === 'GET' || data === '' ? undefined : data
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const answer = await fetch(API_URL + path, { method, headers, body, redirect: 'manual', signal })
    const passedBack = [...answer.headers].filter(([name]) => !NOT_PASSED_BACK.includes(name))
    return { statusCode: answer.status, header: Object.fromEntries(passedBack), data: await answer.text() }
  } catch (error) {
    console.error(`the API did not answer: ${error.cause?.code || error.name}`)
    return problem(504, 'relay_not_answered', 'the relay got no answer')
  }
}

function problem(statusCode, code, detail) {
  const header = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  return { statusCode, header, data: JSON.stringify({ code, detail, errors: [] }) }
}

/** For `wx.cloud.callFunction`. */
exports.main = pass

/** For `wx.cloud.callHTTPFunction` (port 9000) and `wx.cloud.callContainer`. */
async function serve(request, response) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) if ((bytes += chunk.length) <= BODY_BYTES_MAX) chunks.push(chunk)
  const { method, url: path, headers: header } = request
  const tooLong = () => problem(413, 'bad_request', 'the body is too long')
  const answer = bytes > BODY_BYTES_MAX ? tooLong() : await pass({ method, path, header, data: Buffer.concat(chunks) })
  response.writeHead(answer.statusCode, answer.header).end(answer.data)
}

// Whoever hangs up in the middle gets nothing, and stops nobody else.
const server = http.createServer((request, response) => serve(request, response).catch(() => response.destroy()))
if (require.main === module) server.listen(Number(PORT))
