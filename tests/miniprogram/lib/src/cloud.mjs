/**
 * The way to the Reminder API for mini programs without a domain: through a relay in the owner's own cloud environment
 * (the folder `cloud` of the sample).
 *
 *     const reminders = createReminders({ transport: cloud({ env: 'prod-1', httpFunction: 'reminders' }) })
 *
 * A function is called as `wx.cloud.callHTTPFunction`, where the phone's library has it, else as
 * `wx.cloud.callFunction`; a container as `wx.cloud.callContainer`. None of them has been tried on Tencent's side.
 */

/** A container's call has to take less than fifteen seconds. */
const CONTAINER_TIMEOUT_MS = 14900

/** @type {import('../index.js').cloud} */
export function cloud({ env, service, httpFunction, eventFunction }) {
  const config = { env }
  let begun = false

  /** One call as `wx.request` takes it, with a `path` in the place of the `url`. */
  return function transport(call, platform) {
    const api = platform.cloud
    if (!api) return call.fail({ errMsg: 'this phone’s WeChat has no wx.cloud' })
    // Once; a mini program that uses the cloud itself has done it before, and the first time counts.
    if (!begun) api.init({ env })
    begun = true
    /** @param {{ statusCode: number, data: any, header?: Record<string, any> }} answer */
    const success = ({ statusCode, data, header }) => call.success({ statusCode, data: json(data), header })
    const { path, method, data, header, fail } = call
    const asked = { path, method, data, header, success, fail }
    if (service) {
      const timeout = Math.min(call.timeout, CONTAINER_TIMEOUT_MS)
      const named = Object.assign({ 'X-WX-SERVICE': service }, header)
      return api.callContainer(Object.assign({ config, timeout }, asked, { header: named }))
    }
    if (httpFunction && api.callHTTPFunction) {
      return api.callHTTPFunction(Object.assign({ name: httpFunction, config, timeout: call.timeout }, asked))
    }
    if (!eventFunction) return call.fail({ errMsg: 'this phone’s WeChat has no wx.cloud.callHTTPFunction' })
    const event = { path, method, data, header }
    /** @param {{ result: any }} answer */
    const result = (answer) => success(answer.result)
    return api.callFunction({ name: eventFunction, config, data: event, success: result, fail })
  }
}

/**
 * Answers come as text, or read already, depending on the call and on what the answer says it is.
 * @param {unknown} data
 */
function json(data) {
  if (typeof data !== 'string') return data
  try {
    return JSON.parse(data)
  } catch (_) {
    return data
  }
}
