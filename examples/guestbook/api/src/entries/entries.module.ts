import { Module } from '@nestjs/common';
import { PrismaService } from '../prisma.service';
import { EntriesController } from './entries.controller';
import { EntriesService } from './entries.service';

@Module({ controllers: [EntriesController], providers: [EntriesService, PrismaService] })
export class EntriesModule {}
