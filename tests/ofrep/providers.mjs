// Uses the official OFREP providers for servers and for the web as an application would, and reports line by line.
import { OpenFeature as Server } from '@openfeature/server-sdk'
import { OFREPProvider } from '@openfeature/ofrep-provider'
import { OpenFeature as Web, ProviderEvents } from '@openfeature/web-sdk'
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'
import { EventSource } from 'eventsource'

// What a browser has.
globalThis.EventSource = EventSource

const [baseUrl, key] = process.argv.slice(2)
const headers = [['Authorization', `Bearer ${key}`]]
const american = { targetingKey: 'u1', country: 'US' }

await Server.setProviderAndWait(new OFREPProvider({ baseUrl, headers }))
const server = Server.getClient()
const checkout = await server.getBooleanDetails('checkout', false, american)
console.log('server checkout', checkout.value, checkout.reason, checkout.variant)
const layout = await server.getObjectDetails('layout', {}, american)
console.log('server layout', JSON.stringify(layout.value), layout.reason, layout.variant)
const nope = await server.getBooleanDetails('nope', false, american)
console.log('server nope', nope.value, nope.reason, nope.errorCode)
const typed = await server.getNumberDetails('checkout', 7, american)
console.log('server typed', typed.value, typed.reason, typed.errorCode)

await Web.setContext(american)
await Web.setProviderAndWait(new OFREPWebProvider({ baseUrl, headers, cacheMode: 'disabled' }))
const web = Web.getClient()
report('checkout', web.getBooleanDetails('checkout', false))
const pageLayout = web.getObjectDetails('layout', {})
console.log('web layout', JSON.stringify(pageLayout.value), pageLayout.reason, pageLayout.variant)
await Web.setContext({ targetingKey: 'u1', country: 'DE' })
report('german', web.getBooleanDetails('checkout', true))

const changed = new Promise((resolve) => {
  web.addHandler(ProviderEvents.ConfigurationChanged, (event) => {
    if (event?.flagsChanged?.includes('checkout')) resolve(event.flagsChanged)
  })
})
// Let the stream open, so that the change comes through it.
await new Promise((resolve) => setTimeout(resolve, 500))
console.log('web waiting')
const flags = await changed
console.log('web changed', flags.join(','))
report('checkout', web.getBooleanDetails('checkout', false))
console.log('done')
process.exit(0)

function report(name, details) {
  console.log(`web ${name}`, details.value, details.reason, details.variant)
}
