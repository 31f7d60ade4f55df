export { type Destinations, readDestinations } from './destinations.js';
export type { SecretPlaces } from './secrets.js';
export { type Message, type Outcome, type SendSetting, send, type Webhook, webhookLimits } from './send.js';
