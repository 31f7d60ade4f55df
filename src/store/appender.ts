import { randomUUID } from 'node:crypto';
import type { Row } from '../tables/index.js';
import { maxMonthsPerStatement } from './batches.js';
import type { Block, BlockBuilder, BlockSizes } from './encode.js';
import type { Appender } from './store.js';

/** Rows that a block has room for at first; it grows. */
const expectedRows = 16_384;
const maxSpare = 2;

/**
 * Encodes rows as they come. A statement may touch so many months only, so months are dealt to blocks: 90 neighbouring
 * ones to each.
 */
export class BlockAppender implements Appender {
  rows = 0;
  private blocks = new Map<number, BlockBuilder>();
  /** Sent ones, whose memory is used again: new memory costs more than encoding into it. */
  private readonly spare: BlockBuilder[] = [];
  /** Of the block that was sent last. */
  private sizes: BlockSizes | undefined;
  private month = '';
  private block: BlockBuilder | undefined;

  constructor(
    private readonly open: (expectedRows: number, sizes: BlockSizes | undefined) => BlockBuilder,
    private readonly receivedAt: number,
    private readonly sendBlock: (block: Block, token: string) => Promise<void>,
  ) {}

  add(row: Row): void {
    const time = row.TimeGenerated;
    // Rows of one stream mostly share their month with the row before.
    if (this.block && typeof time === 'string' && time.startsWith(this.month)) this.block.add(row);
    else this.blockOf(typeof time === 'string' ? time : new Date(this.receivedAt).toISOString()).add(row);
    this.rows++;
  }

  writer(time: string): BlockBuilder {
    this.rows++;
    return this.block && time.startsWith(this.month) ? this.block : this.blockOf(time);
  }

  async send(): Promise<void> {
    const blocks = [...this.blocks.values()];
    this.blocks = new Map();
    this.block = undefined;
    this.rows = 0;
    const token = randomUUID();
    let part = 0;
    for (const block of blocks) {
      this.sizes = block.sizes;
      await this.sendBlock(block.finish(), `${token}:${part++}`);
      if (this.spare.length >= maxSpare) continue;
      block.clear();
      this.spare.push(block);
    }
  }

  private blockOf(time: string): BlockBuilder {
    const month = time.slice(0, 7);
    const group = Math.floor((Number(month.slice(0, 4)) * 12 + Number(month.slice(5))) / maxMonthsPerStatement);
    const block = this.blocks.get(group) ?? this.spare.pop() ?? this.open(expectedRows, this.sizes);
    this.blocks.set(group, block);
    this.month = month;
    this.block = block;
    return block;
  }
}
