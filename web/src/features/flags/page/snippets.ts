import type { FlagView } from '@/shared/api/types'

export type SnippetLanguage = 'dotnet' | 'node' | 'browser' | 'curl'

/** What an application can use today: the .NET SDK, any OpenFeature SDK over OFREP, and plain HTTP. */
export const snippetLanguages: { value: SnippetLanguage; label: string }[] = [
  { value: 'dotnet', label: '.NET' },
  { value: 'node', label: 'Node.js' },
  { value: 'browser', label: 'Browser' },
  { value: 'curl', label: 'curl' },
]

const dotnetMethods = { boolean: 'BooleanVariation', string: 'StringVariation', number: 'DoubleVariation', json: 'JsonVariation' }
const openFeatureMethods = { boolean: 'getBooleanValue', string: 'getStringValue', number: 'getNumberValue', json: 'getObjectValue' }

/** Code that asks for a flag, with the value of its off variant as the default. */
export function snippet(language: SnippetLanguage, flag: FlagView, origin: string): string {
  const off = flag.variants.find(({ key }) => key === flag.offVariant)?.value ?? { boolean: false, string: '', number: 0, json: {} }[flag.type]
  const literal = JSON.stringify(off)
  switch (language) {
    case 'dotnet': {
      const value = flag.type === 'json' ? `JsonSerializer.SerializeToElement(new { })` : literal
      return `// Program.cs
builder.Services.AddTogglr(options =>
{
    options.Endpoint = new Uri("${origin}");
    options.SdkKey = builder.Configuration["Togglr:SdkKey"]!; // a server key
});

// Anywhere: TogglrClient togglr
var context = EvaluationContext.Builder("user-123").Set("country", "US").Build();
var value = togglr.${dotnetMethods[flag.type]}("${flag.key}", context, ${value});`
    }
    case 'node':
      return `// npm install @openfeature/server-sdk @openfeature/ofrep-provider
import { OpenFeature } from '@openfeature/server-sdk'
import { OFREPProvider } from '@openfeature/ofrep-provider'

await OpenFeature.setProviderAndWait(
  new OFREPProvider({
    baseUrl: '${origin}',
    headers: [['Authorization', process.env.TOGGLR_SDK_KEY]], // a server key
  }),
)
const value = await OpenFeature.getClient().${openFeatureMethods[flag.type]}('${flag.key}', ${literal}, {
  targetingKey: 'user-123',
  country: 'US',
})`
    case 'browser':
      return `// npm install @openfeature/web-sdk @openfeature/ofrep-web-provider
// The flag must be visible to client keys.
import { OpenFeature } from '@openfeature/web-sdk'
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'

await OpenFeature.setContext({ targetingKey: 'user-123', country: 'US' })
await OpenFeature.setProviderAndWait(
  new OFREPWebProvider({
    baseUrl: '${origin}',
    headers: [['Authorization', 'tgc_…']], // a client key
  }),
)
const value = OpenFeature.getClient().${openFeatureMethods[flag.type]}('${flag.key}', ${literal})`
    case 'curl':
      return `curl ${origin}/sdk/v1/evaluate \\
  -H "Authorization: $TOGGLR_SDK_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"flag":"${flag.key}","context":{"targetingKey":"user-123","country":"US"}}'`
  }
}
