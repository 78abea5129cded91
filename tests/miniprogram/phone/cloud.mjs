// `wx.cloud`, as far as a relay needs it: the conventions of docs/wechat.md §14.18, kept strictly, with the real relay
// behind them. Nobody has compared it with Tencent's own.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { carries, json } from './network.mjs'

const CONTAINER_TIMEOUT_MS_MAX = 15_000
const CONTAINER_BYTES_MAX = 100 * 1024
const HTTP_FUNCTION_LIBRARY = '3.15.1'
/** An ordinary function: its event in, its result out, both as JSON. */
const MAIN = 'require(process.argv[1]).main(JSON.parse(process.argv[2])).then((it) => console.log(JSON.stringify(it)))'

export function createCloud(phone) {
  let env = null
  const during = (work) => void phone.during(work)
  const begun = (name, config, found, wanted) => {
    if (!env) throw new Error(`${name}: Cloud API isn't enabled, please call wx.cloud.init first`)
    if ((config?.env ?? env) !== phone.relay.config.env) throw new Error(`${name}: no such env`)
    if (found !== wanted) throw new Error(`${name}: there is no ${found}`)
  }
  const cloud = {
    init: (options) => void (env ??= options.env),

    callFunction: ({ name, config, data, success, fail }) => {
      begun('callFunction', config, name, phone.relay.config.eventFunction)
      const call = { ...data, name: 'callFunction', success, fail }
      during(() => carries(phone, call, async () => ({ result: await runs(phone, data), requestID: 'made-up' })))
    },

    callContainer: ({ config, timeout, ...call }) => {
      const { 'X-WX-SERVICE': service, ...header } = call.header
      begun('callContainer', config, service, phone.relay.config.service)
      if (timeout >= CONTAINER_TIMEOUT_MS_MAX) throw new Error('callContainer: timeout')
      if ((call.data ?? '').length > CONTAINER_BYTES_MAX) throw new Error('callContainer: data exceed max size')
      during(() => carries(phone, { ...call, name: 'callContainer' }, () => asks(phone, { ...call, header })))
    },
  }
  if (phone.library >= HTTP_FUNCTION_LIBRARY) {
    cloud.callHTTPFunction = ({ name, config, ...call }) => {
      begun('callHTTPFunction', config, name, phone.relay.config.httpFunction)
      during(() => carries(phone, { ...call, name: 'callHTTPFunction' }, () => asks(phone, call)))
    }
  }
  return cloud
}

/** Over HTTP, with what WeChat adds. */
async function asks(phone, { path, method, header, data }) {
  if (!path.startsWith('/')) throw new Error('path must begin with /')
  const added = { 'X-WX-OPENID': 'openid-of-WeChat', 'X-WX-SOURCE': 'wx_client', 'X-Forwarded-For': '203.0.113.9' }
  const headers = { ...header, ...added }
  const answer = await fetch(phone.relay.url + path, { method, headers, body: method === 'GET' ? undefined : data })
  return { statusCode: answer.status, header: Object.fromEntries(answer.headers), data: json(await answer.text()) }
}

async function runs(phone, data) {
  const event = JSON.stringify({ ...data, userInfo: { appId: 'wx0123456789abcdef', openId: 'openid-of-WeChat' } })
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', MAIN, phone.relay.code, event], {
    env: phone.relay.environment,
  })
  return JSON.parse(stdout)
}
