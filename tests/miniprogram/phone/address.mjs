// Addresses of pages.

/** `a/b?c=d` as path and query; WeChat does not decode the values. */
export function splitUrl(url) {
  const [at, rest = ''] = url.split(/\?(.*)/s)
  const pairs = rest.split('&').filter(Boolean)
  return [at, Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)))]
}

export function joinQuery(query) {
  return Object.entries(query)
    .map((pair) => pair.join('='))
    .join('&')
}
