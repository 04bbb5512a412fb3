import type { SdkKeyKind } from '@/shared/api/types'

export type ConnectLanguage = 'dotnet' | 'node' | 'browser' | 'curl'

/** How an application can be connected today, and the kind of key that it needs. */
export const connectLanguages: { value: ConnectLanguage; label: string; kind: SdkKeyKind }[] = [
  { value: 'dotnet', label: '.NET', kind: 'server' },
  { value: 'node', label: 'Node.js', kind: 'server' },
  { value: 'browser', label: 'Browser', kind: 'client' },
  { value: 'curl', label: 'curl', kind: 'server' },
]

/** What to install, where something is. */
export const installCommand: Partial<Record<ConnectLanguage, string>> = {
  dotnet: 'dotnet add package Togglr.Sdk',
  node: 'npm install @openfeature/server-sdk @openfeature/ofrep-provider',
  browser: 'npm install @openfeature/web-sdk @openfeature/ofrep-web-provider',
}

/** Code that asks for a boolean flag, ready to run. */
export function connectSnippet(language: ConnectLanguage, origin: string, sdkKey: string, flag: string): string {
  switch (language) {
    case 'dotnet':
      return `using Togglr.Evaluation;
using Togglr.Sdk;

await using var togglr = new TogglrClient(new TogglrClientOptions
{
    Endpoint = new Uri("${origin}"),
    SdkKey = "${sdkKey}",
});
await togglr.WaitUntilReadyAsync();

var context = EvaluationContext.Builder("user-123").Build();
Console.WriteLine($"${flag} {togglr.BooleanVariation("${flag}", context, false)}");`
    case 'node':
      return `import { OpenFeature } from '@openfeature/server-sdk'
import { OFREPProvider } from '@openfeature/ofrep-provider'

await OpenFeature.setProviderAndWait(
  new OFREPProvider({
    baseUrl: '${origin}',
    headers: [['Authorization', '${sdkKey}']],
  }),
)
const on = await OpenFeature.getClient().getBooleanValue('${flag}', false, { targetingKey: 'user-123' })
console.log('${flag}', on)`
    case 'browser':
      return `import { OpenFeature } from '@openfeature/web-sdk'
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'

await OpenFeature.setContext({ targetingKey: 'user-123' })
await OpenFeature.setProviderAndWait(
  new OFREPWebProvider({
    baseUrl: '${origin}',
    headers: [['Authorization', '${sdkKey}']],
  }),
)
console.log('${flag}', OpenFeature.getClient().getBooleanValue('${flag}', false))`
    case 'curl':
      return `curl ${origin}/sdk/v1/evaluate \\
  -H "Authorization: ${sdkKey}" \\
  -H "Content-Type: application/json" \\
  -d '{"flag":"${flag}","context":{"targetingKey":"user-123"}}'`
  }
}
