// A mail server on loopback that delivers nothing. The argument is JSON: {"user","pass"} asks for authentication, {"key","cert"} (files) offers STARTTLS, with "secure": true it speaks TLS from the first byte.
// Over HTTP: GET /mails tells what came, POST /refuse?times=N lets the next N mails fail for now, POST /refuse?times=N&code=550 for good.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

const options = JSON.parse(process.argv[2] ?? '{}')
const mails = []
let refusals = { times: 0, code: 451 }
let attempts = 0

const smtp = new SMTPServer({
  secure: options.secure === true,
  authOptional: !options.user,
  allowInsecureAuth: !options.cert,
  disabledCommands: options.cert ? [] : ['STARTTLS'],
  ...(options.cert ? { key: readFileSync(options.key), cert: readFileSync(options.cert) } : {}),
  onAuth(auth, session, done) {
    if (auth.username === options.user && auth.password === options.pass) done(null, { user: auth.username })
    else done(new Error('Wrong user or password'))
  },
  onRcptTo(address, session, done) {
    attempts++
    if (refusals.times > 0) {
      refusals.times--
      const refusal = new Error(`Not now, ${address.address}`)
      refusal.responseCode = refusals.code
      done(refusal)
    } else done()
  },
  async onData(stream, session, done) {
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    const raw = Buffer.concat(chunks)
    const mail = await simpleParser(raw)
    mails.push({
      envelope: { from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((recipient) => recipient.address) },
      secure: session.secure, user: session.user ?? null, subject: mail.subject, from: mail.from?.text, to: mail.to?.text, cc: mail.cc?.text ?? null, bcc: mail.bcc?.text ?? null,
      text: mail.text, html: mail.html, headers: mail.headerLines.map((line) => line.key),
    })
    done()
  },
})

const http = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost')
  if (request.method === 'POST' && url.pathname === '/refuse') refusals = { times: Number(url.searchParams.get('times')), code: Number(url.searchParams.get('code') ?? 451) }
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ mails, attempts }))
})

smtp.on('error', () => {})
smtp.listen(0, '127.0.0.1', () => http.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ port: smtp.server.address().port, control: `http://127.0.0.1:${http.address().port}` }))))
