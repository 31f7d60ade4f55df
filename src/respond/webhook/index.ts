export { Courier, type CourierOptions } from './courier.js';
export { type Destinations, readDestinations } from './destinations.js';
export { type Delivery, type DeliveryStatus, deliverySchema, Outbox } from './outbox.js';
export { retries } from './retries.js';
export type { SecretPlaces } from './secrets.js';
export {
  checkWebhook,
  type Message,
  type Outcome,
  reasonOf,
  type SendSetting,
  send,
  type Webhook,
  webhookLimits,
} from './send.js';
