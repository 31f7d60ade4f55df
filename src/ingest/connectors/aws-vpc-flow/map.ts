import { gunzipSync } from 'node:zlib';
import { type DecodeContext, type Outcome, type RawRecord, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { asArray, asObject, asText, type JsonObject, jsonIn, jsonOf, rawText, textOf } from '../../mapping/values.js';
import { isoUtc } from '../../times.js';
import { cloudTrailRow, isCloudTrail } from './cloudtrail.js';
import { flowLine, flowObject, headerFields, isFlowObject } from './flow.js';
import { guardDutyRow, isGuardDuty } from './guardduty.js';

/** Firehose sends at most 4 MB a request; what unpacks to more is no log of it. */
const maxUnpackedBytes = 64 * 1024 * 1024;

/**
 * Decodes what AWS writes to a bucket or sends on: VPC flow logs as text or named fields, CloudTrail, GuardDuty, the
 * CloudWatch Logs and Firehose wrappings around them. The first line of a file names the fields of its flow log.
 *
 * Errors  ING2002 a notification about an object instead of its content, or any other JSON; see flow.ts
 */
export function decodeAws(record: RawRecord, context: DecodeContext): readonly Outcome[] {
  if (record.kind !== 'text') {
    const json = jsonOf(record);
    return 'reject' in json ? [json] : unwrap(json.value, rawText(record), context);
  }
  const text = record.text.trim();
  if (text === '') return [];
  if (/^[{[]/.test(text)) {
    const json = jsonOf(record);
    return 'reject' in json ? [json] : unwrap(json.value, record.text, context);
  }
  const header = headerFields(text);
  if (header) {
    context.file.set('fields', header);
    return [];
  }
  return [flowLine(text, context.file.get('fields') as readonly string[] | undefined, context.receivedAt)];
}

function unwrap(value: unknown, raw: string, context: DecodeContext): readonly Outcome[] {
  if (Array.isArray(value)) return value.flatMap((item) => unwrap(item, textOf(item), context));
  if (typeof value === 'string') return decodeAws({ kind: 'text', text: value }, context);
  if (!isObject(value)) return [reject('ING2001', 'the record is no JSON object', raw)];
  if (isCloudTrail(value)) return [cloudTrailRow(value)];
  if (isGuardDuty(value)) return [guardDutyRow(value)];
  if (value['detail-type'] === 'GuardDuty Finding' || value['detail-type'] === 'AWS API Call via CloudTrail')
    return unwrap(value.detail, raw, context);
  if (Array.isArray(value.logEvents)) return subscription(value, context);
  if (value.messageType === 'CONTROL_MESSAGE') return [];
  if (isFlowObject(value)) return [flowObject(value, context.receivedAt)];
  const list = [value.Records, value.records, value.Findings, value.findings].find(Array.isArray);
  if (list) return list.flatMap((item) => unwrap(item, textOf(item), context));
  if (typeof value.data === 'string' && Object.keys(value).length <= 2) return firehose(value.data, raw, context);
  if (typeof value.message === 'string') return decodeAws({ kind: 'text', text: value.message }, context);
  return [reject('ING2002', notification(value) ?? 'JSON of a kind that this connector does not map', raw)];
}

/** Says what a notification is; the objects that it tells of are what this connector reads. */
function notification(value: JsonObject): string | undefined {
  const inner = jsonIn(asText(value.Message ?? value.Body ?? value.body));
  const records = asArray(asObject(inner).Records);
  const isS3 = (event: JsonObject) => 's3' in event || event.Event === 's3:TestEvent' || event.source === 'aws.s3';
  if (isS3(value)) return 'an S3 event notification: it names an object, and the object is what holds the log';
  if (isS3(asObject(inner)) || records.some((event) => isS3(asObject(event))))
    return 'an S3 event notification inside an SNS or SQS message: the object that it names holds the log';
  if (value.Type === 'Notification' || 'ReceiptHandle' in value || 'receiptHandle' in value || 'Messages' in value)
    return 'an SNS or SQS message: the object that it names holds the log';
  return undefined;
}

/** A CloudWatch Logs subscription: every log event is a record; text that is no flow log goes to AWSCloudWatch. */
function subscription(value: JsonObject, context: DecodeContext): readonly Outcome[] {
  return asArray(value.logEvents).flatMap((item): readonly Outcome[] => {
    const event = asObject(item);
    if (typeof event.message !== 'string') return [reject('ING2001', 'a log event without a message', textOf(item))];
    const outcomes = decodeAws({ kind: 'text', text: event.message }, context);
    const isFlow = /\beni-[0-9a-f]+\b/.test(event.message);
    if (isFlow || outcomes.some((outcome) => !('reject' in outcome))) return outcomes;
    const time = typeof event.timestamp === 'number' ? isoUtc(event.timestamp) : undefined;
    const row = { TimeGenerated: time ?? isoUtc(context.receivedAt), ExtractedTime: time, Message: event.message };
    return [{ table: 'AWSCloudWatch', row }];
  });
}

/** A record of a Firehose delivery: base64 of text or of gzip. */
function firehose(data: string, raw: string, context: DecodeContext): readonly Outcome[] {
  let bytes = Buffer.from(data, 'base64');
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: maxUnpackedBytes });
    } catch {
      return [reject('ING2001', 'the data of the Firehose record cannot be unpacked', raw)];
    }
  }
  const text = bytes.toString('utf8');
  const json = jsonIn(text);
  if (json !== undefined && typeof json === 'object') return unwrap(json, raw, context);
  return text.split(/\r?\n/).flatMap((line) => decodeAws({ kind: 'text', text: line }, context));
}
