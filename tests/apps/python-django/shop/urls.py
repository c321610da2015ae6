import platform

from django.http import HttpRequest, HttpResponse
from django.urls import path


def home(_: HttpRequest) -> HttpResponse:
    return HttpResponse("served by Django")


def version(_: HttpRequest) -> HttpResponse:
    return HttpResponse(platform.python_version())


urlpatterns = [path("", home), path("version", version)]
