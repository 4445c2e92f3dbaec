"""Hand the parts that `create_app` opened to the routes."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from app.catalog import Catalog
from app.coach.stories import StoryCoach
from app.jobs.desk import Desk
from app.settings import Settings
from app.store import Store


@dataclass(frozen=True)
class Services:
    """What one process serves with, from start to end.

    Attributes:
        stopping: Set once the process was told to stop: streams end then, and no story of a batch begins any more.
    """

    settings: Settings
    store: Store
    catalog: Catalog
    coach: StoryCoach
    desk: Desk
    version: str
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


async def get_services(request: Request) -> Services:
    """Return the parts of the application that got the request."""
    services: Services = request.app.state.services
    return services


async def get_store(request: Request) -> Store:
    """Return the database."""
    return (await get_services(request)).store


async def get_catalog(request: Request) -> Catalog:
    """Return the rubrics and prompts."""
    return (await get_services(request)).catalog


async def get_coach(request: Request) -> StoryCoach:
    """Return the use cases on stories."""
    return (await get_services(request)).coach


async def get_desk(request: Request) -> Desk:
    """Return the use cases of batches."""
    return (await get_services(request)).desk


TheServices = Annotated[Services, Depends(get_services)]
TheStore = Annotated[Store, Depends(get_store)]
TheCatalog = Annotated[Catalog, Depends(get_catalog)]
TheCoach = Annotated[StoryCoach, Depends(get_coach)]
TheDesk = Annotated[Desk, Depends(get_desk)]
